// Drives a real VS Code in a headless Chromium. Prints what it saw, one thing a line; ends with 1 where something did not come.
//   vscode.mjs STORY FOLDER
// The environment says what to use: NODE_MODULES with code-server and playwright-core, CHROMIUM, EXTENSION (a .vsix), HOME (a
// folder for this run), SHOTS (a folder for pictures), SETTINGS (JSON).
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

const [story, folder] = process.argv.slice(2);
const { NODE_MODULES, CHROMIUM, EXTENSION, HOME, SHOTS, SETTINGS } = process.env;
const FILE = join(folder, "purposes.yaml");
const WAIT = 60_000;
const entry = join(NODE_MODULES, "code-server/out/node/entry.js");
const { chromium } = createRequire(join(NODE_MODULES, "x.js"))("playwright-core");

const say = (line) => console.log(line);
const places = ["--user-data-dir", join(HOME, "data"), "--extensions-dir", join(HOME, "extensions"), "--config", join(HOME, "config.yaml")];

function freePort() {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** Asks again until there is an answer. */
async function until(what, ask) {
  const end = Date.now() + WAIT;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await new Promise((go) => setTimeout(go, 200));
  }
}

/** Writes the settings of whoever sits there, and of the machine: each takes what the other does not. */
function set(more) {
  const settings = {
    "chat.disableAIFeatures": true,
    "extensions.autoCheckUpdates": false,
    "purposelint.asOf": "2024-09-18",
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "window.commandCenter": false,
    "[yaml]": { "editor.codeActionsOnSave": { "source.fixAll.purposelint": "explicit" } },
    "workbench.startupEditor": "none",
    ...more,
  };
  for (const name of ["User", "Machine"]) {
    mkdirSync(join(HOME, "data", name), { recursive: true });
    writeFileSync(join(HOME, "data", name, "settings.json"), JSON.stringify(settings));
  }
}

async function serve(port) {
  writeFileSync(join(HOME, "config.yaml"), "auth: none\n");
  execFileSync(process.execPath, [entry, ...places, "--install-extension", EXTENSION], { timeout: WAIT });
  const address = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const server = spawn(process.execPath, [entry, ...places, ...address, ...quiet], { stdio: "ignore" });
  await until("the server", () => fetch(`http://127.0.0.1:${port}/healthz`).then(() => true, () => false));
  return server;
}

/** What somebody does at the keyboard. */
class Person {
  constructor(page) {
    this.page = page;
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  see(what, css, text) {
    const seen = this.page.locator(css).filter(text === undefined ? {} : { hasText: text }).first();
    return seen.waitFor({ state: "visible", timeout: WAIT }).then(
      () => seen,
      () => {
        throw new Error(`gave up waiting for ${what}`);
      },
    );
  }

  shot(name) {
    return this.page.screenshot({ path: join(SHOTS, `${story}-${name}.png`) });
  }

  /** Writes into the box at the top, and takes what it offers. */
  async choose(keys, text, offered) {
    await this.press(keys);
    const box = await this.see("the box at the top", ".quick-input-widget input");
    await box.fill(text);
    await this.see(`${offered} in the box at the top`, ".quick-input-list .monaco-list-row", offered);
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden", timeout: WAIT });
  }

  async openFile() {
    await this.choose("Control+p", "purposes.yaml", "purposes.yaml");
    await this.see("the file", ".monaco-editor .view-line", "LinkedIn");
  }

  /** Puts the cursor somewhere in a text that stands in the file once. */
  async goTo(text) {
    const before = readFileSync(FILE, "utf8").split(text)[0].split("\n");
    const place = `:${before.length}:${before.at(-1).length + 1}`;
    await this.press("Control+g");
    const box = await this.see("the box for the line", ".quick-input-widget input");
    await box.fill(place);
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden", timeout: WAIT });
  }

  /** Waits until something is offered at the cursor; asks for it where the editor does not by itself. */
  async offered(text) {
    const offers = this.page.locator(".suggest-widget .monaco-list-row", { hasText: text }).first();
    const isThere = await offers.waitFor({ state: "visible", timeout: 3_000 }).then(
      () => true,
      () => false,
    );
    if (!isThere) await this.press("Control+Space");
    await this.see(`${text} among what is offered`, ".suggest-widget .monaco-list-row", text);
  }

  /** What the language status says. */
  async status(text) {
    await this.page.locator("#status\\.languageStatus").first().hover();
    const seen = await this.see(`${text} in the status`, ".hover-language-status, .monaco-hover", text);
    say(`status: ${(await seen.innerText()).replaceAll("\n", " ")}`);
    await this.shot("status");
    await this.press("Escape");
  }

  /** The rows of the panel of problems that show a text. */
  problems(text) {
    return this.page.locator(".markers-panel .monaco-list-row").filter({ hasText: text });
  }
}

const RULE = "fair-defaults/region-carve-out-gap";
const WAVY = ".monaco-editor .squiggly-error";
const PROGRAM = process.env.PROGRAM;

const stories = {
  /** Findings are shown, and a fix removes one. */
  async repairs(person) {
    await person.openFile();
    await person.see("a wavy line", WAVY);
    say("a wavy line");
    await person.status("purposelint 0");
    await person.press("Control+Shift+m");
    await person.see("the panel of problems", ".markers-panel");
    await person.page.locator(".markers-panel-container input, .viewpane-filter input").first().fill(RULE);
    await person.see("the finding among the problems", ".markers-panel .monaco-list-row", RULE);
    say(`among the problems: ${await person.problems(RULE).first().innerText()}`);
    await person.shot("problems");
    await person.page.locator(".monaco-editor .view-line").first().click();
    await person.goTo("on                       # help page");
    await person.press("Control+.");
    const fix = await person.see("the menu of fixes", ".action-widget .monaco-list-row", "add an override for GB: ");
    for (const title of await person.page.locator(".action-widget .monaco-list-row").allInnerTexts()) say(`in the menu: ${title.trim()}`);
    await person.shot("menu");
    await fix.click();
    await until("the finding to go from the problems", async () => (await person.problems(RULE).count()) === 0);
    say("gone from the problems");
    await person.press("Control+s");
    await until("the file on the disk", () => readFileSync(FILE, "utf8").includes("[GB]"));
    say("saved");
    await person.shot("repaired");
    copyFileSync(FILE, `${FILE}.repaired`);
    await person.goTo("retention:");
    await person.page.keyboard.type("x");
    await person.see("the slip", ".monaco-editor .view-line", "xretention");
    await person.press("Control+s");
    await until("the slip to be repaired", async () => (await person.page.locator(".view-line", { hasText: "xretention" }).count()) === 0);
    await until("the file without it", () => readFileSync(FILE, "utf8") === readFileSync(`${FILE}.repaired`, "utf8"));
    say("repaired on saving");
  },

  /** Who gets a default is shown behind it, and under the pointer; both follow what is written. */
  async effects(person) {
    await person.openFile();
    await person.goTo("default: on");
    const hint = await person.see("who gets the default, behind it", ".view-line", "on elsewhere");
    // the editor may draw its spaces as ones that do not break
    say(`behind the default: ${(await hint.innerText()).replaceAll("\u00a0", " ")}`);
    await person.shot("hint");
    await person.goTo("genai_training:");
    await person.press("Control+k");
    await person.press("Control+i");
    const hover = await person.see("who gets the default, under the pointer", ".monaco-hover .hover-row", "Effective defaults");
    say(`under the pointer: ${(await hover.innerText()).replaceAll("\n", " ")}`);
    await person.shot("hover");
    await person.press("Escape");
    await person.goTo("EEA, CH]");
    await person.page.keyboard.type("GB, ");
    await person.goTo("default: on");
    await person.see("who gets the default now", ".view-line", "not carried out in EEA, CH and GB; on elsewhere");
    say("it follows what is written");
    await person.shot("followed");
  },

  /** From a purpose to its setting, by its name. */
  async names(person) {
    await person.openFile();
    await person.see("a wavy line", WAVY);
    await person.goTo("genai_improvement\n    started");
    await person.press("F12");
    const line = readFileSync(FILE, "utf8").split("\n").indexOf("  genai_improvement:") + 1;
    await person.see(`line ${line} in the status`, ".statusbar-item", `Ln ${line},`);
    say("from the purpose to its setting");
    await person.shot("definition");
    await person.press("Control+Shift+o");
    await person.see("the setting among the symbols", ".quick-input-list .monaco-list-row", "genai_improvement");
    say("the setting is among the symbols");
    await person.shot("symbols");
    await person.press("Escape");
    await person.press("F2");
    const box = await person.see("the box for another name", ".rename-box input");
    await box.fill("generative");
    await box.press("Enter");
    await person.see("the setting by its other name", ".view-line", /^\s*generative:/);
    await person.press("Control+s");
    await until("the file with the other name", () => {
      const text = readFileSync(FILE, "utf8");
      return text.includes("\n  generative:") && text.includes("\n    setting: generative\n") && !text.includes("genai_improvement");
    });
    say("another name, in both places");
  },

  /** What may stand at the cursor is offered, with what it means. */
  async completes(person) {
    await person.openFile();
    await person.see("a wavy line", WAVY);
    await person.goTo("requires_reason");
    await person.press("End");
    await person.press("Enter");
    await person.page.keyboard.type("until_an");
    await person.offered("until_answer");
    await person.shot("completion");
    await person.press("Enter");
    await person.see("the completed key", ".view-line", "until_answer:");
    say("a key is completed");
    await person.offered("off");
    say("its words are offered");
    await person.shot("words");
  },

  /** There is no program: it is said, and a button leads to the setting. Once it names one, all is well. */
  async missing(person) {
    await person.openFile();
    const said = await person.see("the message", ".notification-toast", "Nothing is checked.");
    say(`said: ${(await said.innerText()).replaceAll("\n", " ")}`);
    await person.shot("message");
    await said.locator(".monaco-button", { hasText: "Open Settings" }).click();
    await person.see("the setting", ".settings-editor .setting-item", "Path");
    say("the button leads to the setting");
    await person.shot("setting");
    set({ "purposelint.path": process.env.OLD });
    await person.see("the message about an old program", ".notification-toast", "or later is needed");
    say("an old program is refused");
    await person.shot("old");
    set({ "purposelint.path": PROGRAM });
    await person.page.locator(".settings-editor input, .settings-editor textarea").first().press("Escape");
    await person.page.locator(".settings-editor").waitFor({ state: "hidden", timeout: WAIT });
    await person.see("a wavy line", WAVY);
    await person.status("purposelint 0");
    say("a wavy line");
  },

  /** A workspace that nobody trusts names a program: another is run, until somebody trusts the workspace. */
  async untrusted(person) {
    await person.openFile();
    await person.see("that the workspace is not trusted", ".statusbar-item", "Restricted Mode");
    await person.see("a wavy line", WAVY);
    say("checked without trust");
    await person.shot("without-trust");
    if (existsSync(process.env.MARK)) throw new Error("the program of the workspace was run");
    await person.choose("F1", ">Manage Workspace Trust", "Workspaces: Manage Workspace Trust");
    const button = await person.see("the button that trusts", ".workspace-trust-editor .monaco-button", "Trust");
    await button.click();
    await until("the program that the workspace names", () => existsSync(process.env.MARK));
    say("the workspace names the program once it is trusted");
    await person.shot("with-trust");
  },
};

const port = await freePort();
set(JSON.parse(SETTINGS ?? "{}"));
const server = await serve(port);
let browser;
let code = 0;
try {
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const quiet = ["--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args: [...flags, ...quiet], timeout: WAIT });
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const person = new Person(page);
  try {
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`, { timeout: WAIT });
    await person.see("the workbench", ".monaco-workbench");
    await stories[story](person);
  } catch (error) {
    console.log(error.message);
    await person.shot("failed");
    code = 1;
  }
} finally {
  await browser?.close();
  server.kill();
}
process.exit(code);
