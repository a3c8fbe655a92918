#!/usr/bin/env node
// Finds the binary of this platform and stands in for it: arguments, streams, signals and the exit code pass through.
"use strict";
const { spawn } = require("node:child_process");

// what the linter itself ends with when it could not judge
const COULD_NOT_JUDGE = 2;

function libc() {
  if (process.platform !== "linux") return "";
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime ? "-gnu" : "-musl";
}

function refuse(message, help) {
  process.stderr.write(`error: ${message}\n  help: ${help}\n`);
  process.exit(COULD_NOT_JUDGE);
}

const { version, optionalDependencies } = require("../package.json");
const name = `@purposelint/${process.platform}-${process.arch}${libc()}`;
let binary;
try {
  binary = require.resolve(`${name}/bin/purposelint${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  if (name in optionalDependencies) {
    refuse(`the package ${name} is not installed`, "install purposelint again, without `--omit=optional` or `--no-optional`");
  }
  const ways = `build it with \`cargo install --locked purposelint@${version}\`, or install it with \`pipx install purposelint==${version}\``;
  refuse(`there is no purposelint in npm for this platform: ${name}`, ways);
}
if (require(`${name}/package.json`).version !== version) {
  refuse(`${name} and purposelint ${version} are not of one version`, `npm install ${name}@${version}`);
}

const child = spawn(binary, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => refuse(`${binary} does not run: ${error.message}`, `install ${name}@${version} again`));
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exitCode = code;
  }
});
