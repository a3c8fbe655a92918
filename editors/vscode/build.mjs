// Makes the extension. Licences, changelog and the version to be in step with come from the repository.
//
//   build.mjs bundle                            dist/extension.js
//   build.mjs test                              runs the tests in test/
//   build.mjs package OUT                       the package that runs the purposelint of the PATH
//   build.mjs package OUT TARGET BINARY         the package for one platform, with the program inside
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const TARGETS = ["linux-x64", "linux-arm64", "alpine-x64", "alpine-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];

function stop(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

async function bundle(entryPoint, outfile) {
  await build({
    absWorkingDir: here,
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
    minify: true,
    legalComments: "eof",
    logLevel: "warning",
  });
}

// Packed from a folder that holds what is shipped and nothing else.
function pack(out, target, binary) {
  const folder = mkdtempSync(join(tmpdir(), "purposelint-vscode-"));
  try {
    const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
    // everything is in the bundle
    delete manifest.dependencies;
    delete manifest.devDependencies;
    delete manifest.scripts;
    delete manifest.private;
    manifest.files = ["dist", "CHANGELOG.md", "LICENSE.txt", "README.md", "icon.png", ...(target === undefined ? [] : ["bin"])];
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    cpSync(join(here, "dist"), join(folder, "dist"), { recursive: true });
    for (const name of ["README.md", "icon.png"]) copyFileSync(join(here, name), join(folder, name));
    copyFileSync(join(root, "CHANGELOG.md"), join(folder, "CHANGELOG.md"));
    const licences = ["LICENSE-MIT", "LICENSE-APACHE"].map((name) => readFileSync(join(root, name), "utf8"));
    writeFileSync(join(folder, "LICENSE.txt"), `${manifest.license}\n\n${licences.join("\n\n")}`);
    if (target !== undefined) {
      mkdirSync(join(folder, "bin"));
      const program = join(folder, "bin", target.startsWith("win32") ? "purposelint.exe" : "purposelint");
      copyFileSync(binary, program);
      chmodSync(program, 0o755);
    }
    const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
    const args = ["package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--out", resolve(out)];
    execFileSync(process.execPath, [vsce, ...args, ...(target === undefined ? [] : ["--target", target])], { cwd: folder, stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [what, out, target, binary] = process.argv.slice(2);
if (what === "bundle") {
  await bundle("src/extension.ts", "dist/extension.js");
} else if (what === "test") {
  const folder = mkdtempSync(join(tmpdir(), "purposelint-vscode-"));
  try {
    await bundle("test/program.test.ts", join(folder, "program.test.js"));
    execFileSync(process.execPath, ["--test", join(folder, "program.test.js")], { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
} else if (what === "package" && out !== undefined) {
  if (target !== undefined && !TARGETS.includes(target)) stop(`there is no target ${target}: ${TARGETS.join(", ")}`);
  if (target !== undefined && !statSync(binary ?? "", { throwIfNoEntry: false })?.isFile()) stop(`${binary} is no file`);
  await bundle("src/extension.ts", "dist/extension.js");
  pack(out, target, binary);
} else {
  stop("what is to be made? see the head of this file");
}
