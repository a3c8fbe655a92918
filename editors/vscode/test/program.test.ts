// Which program is run, and which never: each case has a workspace, an extension and a PATH of its own.

import assert from "node:assert";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { find } from "../src/program";

const PROGRAM = "#!/bin/sh\necho purposelint 0.1.0\n";
const OLD = "#!/bin/sh\necho purposelint 0.0.9\n";
const OTHER = "#!/bin/sh\necho hello\n";

interface Case {
  name: string;
  /** Programs, by their path below the folder of the case. */
  programs?: Record<string, string>;
  links?: Record<string, string>;
  setting?: string;
  trusted?: boolean;
  /** What is run, or a part of what is said instead. */
  runs?: string;
  says?: string;
}

const CASES: Case[] = [
  { name: "nothing", says: "not on the PATH" },
  { name: "on the PATH", programs: { "path/purposelint": PROGRAM }, runs: "path/purposelint" },
  {
    name: "the bundled one before the PATH",
    programs: { "path/purposelint": PROGRAM, "extension/bin/purposelint": PROGRAM },
    runs: "extension/bin/purposelint",
  },
  {
    name: "the setting before all",
    programs: { "extension/bin/purposelint": PROGRAM, "other/purposelint": PROGRAM },
    setting: "{case}/other/purposelint",
    runs: "other/purposelint",
  },
  { name: "relative to the workspace", programs: { "workspace/tools/lint": PROGRAM }, setting: "tools/lint", runs: "workspace/tools/lint" },
  { name: "a setting that names nothing", programs: { "path/purposelint": PROGRAM }, setting: "/none", says: "there is no such program" },
  { name: "a setting that names a folder", setting: "{case}/workspace", says: "there is no such program" },
  { name: "too old", programs: { "path/purposelint": OLD }, says: "0.1.0 or later is needed" },
  { name: "another program", programs: { "path/purposelint": OTHER }, says: "does not say which version" },
  {
    name: "without trust, relative",
    programs: { "workspace/tools/lint": PROGRAM },
    setting: "tools/lint",
    trusted: false,
    says: "once the workspace is trusted",
  },
  {
    name: "without trust, in the workspace",
    programs: { "workspace/purposelint": PROGRAM },
    setting: "{case}/workspace/purposelint",
    trusted: false,
    says: "not trusted",
  },
  {
    name: "without trust, through a link into the workspace",
    programs: { "workspace/purposelint": PROGRAM },
    links: { "path/purposelint": "workspace/purposelint" },
    trusted: false,
    says: "not trusted",
  },
  {
    name: "without trust, through a link of the workspace",
    programs: { "other/purposelint": PROGRAM },
    links: { "workspace/purposelint": "other/purposelint" },
    setting: "{case}/workspace/purposelint",
    trusted: false,
    says: "not trusted",
  },
  { name: "without trust, elsewhere", programs: { "path/purposelint": PROGRAM }, trusted: false, runs: "path/purposelint" },
];

for (const { name, programs = {}, links = {}, setting = "", trusted = true, runs, says } of CASES) {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), "purposelint-test-"));
    const path = process.env["PATH"];
    try {
      mkdirSync(join(folder, "workspace"));
      const place = (file: string) => {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        return join(folder, file);
      };
      for (const [file, text] of Object.entries(programs)) {
        writeFileSync(place(file), text);
        chmodSync(join(folder, file), 0o755);
      }
      for (const [file, to] of Object.entries(links)) symlinkSync(join(folder, to), place(file));
      // a relative entry would be looked up in whatever folder is the current one
      process.env["PATH"] = `.:${join(folder, "path")}`;
      const found = find({
        setting: setting.replace("{case}", folder),
        folders: [join(folder, "workspace")],
        extension: join(folder, "extension"),
        trusted,
      });
      if (says === undefined) assert.deepStrictEqual(await found, { path: join(folder, runs ?? ""), version: "0.1.0" });
      else await assert.rejects(found, (error: Error) => error.message.includes(says));
    } finally {
      process.env["PATH"] = path;
      rmSync(folder, { recursive: true });
    }
  });
}
