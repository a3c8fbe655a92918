// Starts `purposelint lsp` and says how it is. What there is to know about declarations, the program knows.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";

import { find, NoProgram } from "./program";

/** How the program names what it reads without a config; see `activationEvents`. */
const OURS = "**/{purposelint.yaml,purposes.yaml,purposes.yml,*.purposes.yaml,*.purposes.yml}";
const SELECTOR = { scheme: "file", language: "yaml" };

let client: LanguageClient | undefined;
let queue = Promise.resolve();

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("purposelint", { log: true });
  const status = vscode.languages.createLanguageStatusItem("purposelint", SELECTOR);
  status.name = "purposelint";
  status.command = { command: "purposelint.showOutput", title: "Show output" };
  // one after the other: nobody starts a second program while the first is on its way
  const restart = () => (queue = queue.then(() => start(context, output, status)));
  context.subscriptions.push(
    output,
    status,
    vscode.commands.registerCommand("purposelint.restart", restart),
    vscode.commands.registerCommand("purposelint.showOutput", () => output.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("purposelint.path")) void restart();
    }),
  );
  void restart();
}

export async function deactivate(): Promise<void> {
  await queue;
  await stop();
}

async function start(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
  status: vscode.LanguageStatusItem,
): Promise<void> {
  await stop();
  try {
    const program = await find({
      setting: vscode.workspace.getConfiguration("purposelint").get("path", "").trim(),
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri).filter(isOnDisk).map((uri) => uri.fsPath),
      extension: context.extensionPath,
      trusted: vscode.workspace.isTrusted,
    });
    output.info(`purposelint ${program.version}: ${program.path}`);
    const own = new LanguageClient(
      "purposelint",
      "purposelint",
      { command: program.path, args: ["lsp"] },
      { documentSelector: [SELECTOR], outputChannel: output },
    );
    own.onDidChangeState(({ newState }) => {
      if (client !== own) return;
      if (newState === State.Running) good(status, program.version, program.path);
      if (newState === State.Stopped) bad(status, "purposelint has stopped");
    });
    client = own;
    await own.start();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    output.error(message);
    bad(status, "purposelint does not run", message);
    // not awaited: a message stays until somebody answers it
    void tell(message, error instanceof NoProgram);
  }
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  // one that never ran, or has crashed, refuses
  await old?.dispose().catch(() => undefined);
}

function isOnDisk(uri: vscode.Uri): boolean {
  return uri.scheme === "file";
}

function good(status: vscode.LanguageStatusItem, version: string, path: string): void {
  status.severity = vscode.LanguageStatusSeverity.Information;
  status.text = `purposelint ${version}`;
  status.detail = path;
}

function bad(status: vscode.LanguageStatusItem, text: string, detail = "nothing is checked"): void {
  status.severity = vscode.LanguageStatusSeverity.Error;
  status.text = text;
  status.detail = detail;
}

/** Interrupts people only where there is something to check; the status tells the others. */
async function tell(message: string, settingsHelp: boolean): Promise<void> {
  const declarations = await vscode.workspace.findFiles(OURS, null, 1);
  if (declarations.length === 0) return;
  const button = settingsHelp ? "Open Settings" : "Show Output";
  const pressed = await vscode.window.showErrorMessage(`Nothing is checked. ${message}`, button);
  if (pressed === undefined) return;
  if (!settingsHelp) await vscode.commands.executeCommand("purposelint.showOutput");
  // where the program runs on another machine, the setting is one of that machine
  else if (vscode.env.remoteName !== undefined) {
    await vscode.commands.executeCommand("workbench.action.openRemoteSettings", { query: "purposelint.path" });
  } else await vscode.commands.executeCommand("workbench.action.openSettings", "purposelint.path");
}
