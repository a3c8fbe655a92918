// Which program is run. In a workspace that nobody trusts, none that the workspace names or holds.

import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, relative, resolve, sep } from "node:path";

/** The first version that speaks the language server protocol. */
const OLDEST = "0.1.0";

const NAME = process.platform === "win32" ? "purposelint.exe" : "purposelint";

/** What decides which program it is. */
export interface Surroundings {
  /** The setting `purposelint.path`. */
  setting: string;
  /** The folders of the workspace. */
  folders: string[];
  /** The folder of the extension. */
  extension: string;
  /** Whether somebody trusts the workspace. */
  trusted: boolean;
}

/** A program that was found, with its version. */
export interface Program {
  path: string;
  version: string;
}

/** Why there is no program; written for people. */
export class NoProgram extends Error {}

/** Finds the program, and asks it for its version: the language server of another version may not be there. */
export async function find(where: Surroundings): Promise<Program> {
  const path = choose(where);
  if (!where.trusted && where.folders.some((folder) => isInside(path, folder))) {
    throw new NoProgram(`${path} is not run: it is part of a workspace that is not trusted.`);
  }
  const version = await ask(path);
  if (isOlder(version, OLDEST)) {
    throw new NoProgram(`${path} has version ${version}, and ${OLDEST} or later is needed.`);
  }
  return { path, version };
}

function choose({ setting, folders, extension, trusted }: Surroundings): string {
  if (setting !== "") {
    if (isAbsolute(setting)) return present(setting);
    if (!trusted) {
      throw new NoProgram(`The setting purposelint.path, ${setting}, counts once the workspace is trusted.`);
    }
    const [first] = folders;
    if (first === undefined) {
      throw new NoProgram(`The setting purposelint.path, ${setting}, counts from a folder of the workspace, and there is none.`);
    }
    return present(resolve(first, setting));
  }
  const bundled = join(extension, "bin", NAME);
  if (isProgram(bundled)) return bundled;
  // looked up here: what runs a bare name looks into the current folder as well on some systems
  const entries = (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const found = entries.map((entry) => join(entry, NAME)).find(isProgram);
  if (found === undefined) throw new NoProgram("The program purposelint is not on the PATH. Install it, or say where it is.");
  return found;
}

function present(path: string): string {
  if (!isProgram(path)) throw new NoProgram(`The setting purposelint.path names ${path}, and there is no such program.`);
  return path;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isInside(path: string, folder: string): boolean {
  const leadsInto = (from: string, to: string) => {
    const way = relative(from, to);
    return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  return leadsInto(folder, path) || leadsInto(realpathSync(folder), realpathSync(path));
}

function ask(path: string): Promise<string> {
  return new Promise((found, failed) => {
    execFile(path, ["--version"], { timeout: 10_000 }, (error, printed) => {
      const version = /^purposelint (\d+\.\d+\.\d+\S*)\s*$/.exec(printed)?.[1];
      if (version !== undefined) found(version);
      else failed(new NoProgram(`${path} does not say which version of purposelint it is${error ? `: ${error.message}` : "."}`));
    });
  });
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(/[.+-]/, 3).map(Number);
  const [own, other] = [parts(version), parts(than)];
  const at = own.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (own[at] ?? 0) < (other[at] ?? 0);
}
