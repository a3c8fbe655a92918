-- Drives Neovim's own client: opens the file named by FILE, waits for diagnostics, goes from the purpose to its setting and renames
-- it, applies a quick fix, saves, and waits until the finding is gone. Prints what it saw, one thing a line; ends with 1 where
-- something did not come.
local rule = "fair-defaults/ai-training-on-by-default"

local function give_up(what)
  io.stdout:write("gave up waiting for " .. what .. "\n")
  for _, found in ipairs(vim.diagnostic.get(0)) do
    io.stdout:write(("  %d: %s %s\n"):format(found.lnum + 1, found.code, found.message))
  end
  vim.cmd("cquit 1")
end

local function wait(what, is_there)
  if not vim.wait(20000, is_there, 20) then give_up(what) end
end

local function say(...)
  io.stdout:write(string.format(...) .. "\n")
end

local capabilities = vim.lsp.protocol.make_client_capabilities()
if vim.env.MODE == "push" then capabilities.textDocument.diagnostic = nil end
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

local function flagged()
  return vim.iter(vim.diagnostic.get(0)):filter(function(found) return found.code == rule end):totable()
end

wait("the client", function() return #vim.lsp.get_clients({ bufnr = 0 }) == 1 end)
local client = vim.lsp.get_clients({ bufnr = 0 })[1]
wait("diagnostics", function() return #flagged() > 0 end)
local found = flagged()[1]
say("offset encoding: %s", client.offset_encoding)
say("found: %s at line %d: %s", found.code, found.lnum + 1, vim.split(found.message, "\n")[1])
say("page: %s", vim.tbl_get(found, "user_data", "lsp", "codeDescription", "href"))
local related = vim.tbl_get(found, "user_data", "lsp", "relatedInformation") or {}
say("related places: %s", #related > 0)

vim.fn.search("setting: \\zsgenai_improvement", "w")
vim.lsp.buf.definition()
wait("the setting", function() return vim.api.nvim_get_current_line():find("^  genai_improvement:") ~= nil end)
say("from the purpose to its setting")
for _, id in ipairs({ "improvement", "genai_improvement" }) do
  vim.lsp.buf.rename(id)
  wait("another id", function()
    return vim.fn.search("^  " .. id .. ":", "nw") > 0 and vim.fn.search("setting: " .. id .. "$", "nw") > 0
  end)
end
say("another id for the setting, and back")

vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local titles = {}
local pattern = vim.env.FIX
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    titles[#titles + 1] = action.title
    local about = action.diagnostics and action.diagnostics[1]
    return action.title:find(pattern) ~= nil and about ~= nil and about.code == rule
  end,
})
local before = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
wait("an edit", function()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") ~= before
end)
for _, title in ipairs(titles) do say("action: %s", title) end
vim.cmd.write()
wait("the finding to go", function() return #flagged() == 0 end)
say("gone after the fix")
client:stop()
wait("the server to end", function() return client:is_stopped() end)
say("the server has ended")
vim.cmd("quitall!")
