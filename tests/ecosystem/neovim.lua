-- Drives Neovim's own client through the case of September 2024, in the file named by FILE. Prints what it saw, one thing a line; ends
-- with 1 where something did not come.
local training = "fair-defaults/ai-training-on-by-default"
local gap = "fair-defaults/region-carve-out-gap"

local function say(...)
  io.stdout:write(string.format(...) .. "\n")
end

local function give_up(what)
  say("gave up waiting for %s", what)
  for _, found in ipairs(vim.diagnostic.get(0)) do
    say("  %d: %s %s", found.lnum + 1, found.code, found.message)
  end
  vim.cmd("cquit 1")
end

local function wait(what, is_there)
  if not vim.wait(20000, is_there, 20) then give_up(what) end
end

local function flagged(rule)
  return vim.iter(vim.diagnostic.get(0)):filter(function(found) return found.code == rule end):totable()
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

-- Puts the cursor on the first text that fits a pattern.
local function go_to(pattern)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(pattern)
    if column then return vim.api.nvim_win_set_cursor(0, { number, column - 1 }) end
  end
  give_up(pattern)
end

-- What `check` says of the files as they are saved.
local function saved()
  vim.cmd.write()
  local ran = vim.system({ "purposelint", "check", "--as-of", "2024-09-18", "--format", "concise" }, { text = true }):wait(20000)
  return ran.stdout .. ran.stderr
end

-- Applies the action with a title that is offered about a rule, and waits for the edit.
local function apply(rule, title)
  local before = text()
  local titles = {}
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      local about = vim.iter(action.diagnostics or {}):any(function(found) return found.code == rule end)
      if about then titles[#titles + 1] = action.title end
      return about and action.title == title
    end,
  })
  wait("the edit of: " .. title, function() return text() ~= before end)
  for _, offered in ipairs(titles) do say("offered for %s: %s", rule, offered) end
end

local capabilities = vim.lsp.protocol.make_client_capabilities()
if vim.env.MODE == "push" then capabilities.textDocument.diagnostic = nil end
if vim.env.MODE == "pull" then
  -- 0.11 asks whenever it changes a text, and cannot be told to
  capabilities.workspace.diagnostics = { refreshSupport = true }
  vim.lsp.handlers["workspace/diagnostic/refresh"] = function() return vim.NIL end
end
vim.lsp.config("purposelint", {
  cmd = { "purposelint", "lsp" },
  filetypes = { "yaml" },
  root_markers = { "purposelint.yaml", ".git" },
  capabilities = capabilities,
  settings = { purposelint = { asOf = "2024-09-18" } },
})
vim.lsp.enable("purposelint")
vim.cmd.edit(vim.env.FILE)
vim.cmd("setfiletype yaml")

wait("the client", function() return #vim.lsp.get_clients({ bufnr = 0 }) == 1 end)
local client = vim.lsp.get_clients({ bufnr = 0 })[1]
wait("diagnostics", function() return #flagged(training) > 0 and #flagged(gap) > 0 end)
local found = flagged(training)[1]
say("offset encoding: %s", client.offset_encoding)
say("found: %s at line %d: %s", found.code, found.lnum + 1, vim.split(found.message, "\n")[1])
say("page: %s", vim.tbl_get(found, "user_data", "lsp", "codeDescription", "href"))
local related = vim.tbl_get(found, "user_data", "lsp", "relatedInformation") or {}
say("related places: %s", #related > 0)
local declared = text()

go_to("genai_improvement$")
vim.lsp.buf.definition()
wait("the setting of the purpose", function() return vim.api.nvim_get_current_line() == "  genai_improvement:" end)
say("from the purpose to its setting, line %d", vim.api.nvim_win_get_cursor(0)[1])
for _, id in ipairs({ "improvement", "genai_improvement" }) do
  vim.lsp.buf.rename(id)
  wait("another id", function()
    return vim.fn.search("^  " .. id .. ":", "nw") > 0 and vim.fn.search("setting: " .. id .. "$", "nw") > 0
  end)
end
if text() ~= declared then give_up("what was declared to be back") end
say("another id for the setting, and back")

go_to("on +# help page and press")
apply(gap, "add an override for GB: `default: off`")
local said = saved()
wait("the finding to go for GB", function() return #flagged(gap) == 0 end)
if said:find(gap, 1, true) then give_up("`check` to say the same") end
wait("the other finding to spare GB", function()
  local message = vim.tbl_get(flagged(training), 1, "message")
  return message ~= nil and message:find("WORLD except EEA, CH and GB", 1, true) ~= nil
end)
say("gone for GB")

vim.cmd.undo()
if text() ~= declared then give_up("what was declared to be back") end
wait("the finding to be back", function() return #flagged(gap) > 0 end)
say("back after undo")

go_to("on +# help page and press")
apply(training, "set `default` to `off`")
said = saved()
wait("the findings to go", function() return #flagged(training) == 0 and #flagged(gap) == 0 end)
if said:find(training, 1, true) or said:find(gap, 1, true) then give_up("`check` to say the same") end
say("gone for everybody")

local repaired = text()
go_to("retention:")
vim.cmd("substitute/retention/retenton/")
wait("the slip to be seen", function() return #flagged("core/unknown-key") > 0 end)
vim.lsp.buf.code_action({ apply = true, context = { only = { "source.fixAll.purposelint" }, diagnostics = {} } })
wait("the slip to be repaired", function() return text() == repaired end)
wait("the finding of the slip to go", function() return #flagged("core/unknown-key") == 0 end)
say("repaired by fixAll")

vim.cmd.write()
client:stop()
wait("the server to end", function() return client:is_stopped() end)
say("the server has ended")
vim.cmd("quitall!")
