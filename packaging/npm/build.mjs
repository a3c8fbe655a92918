// Makes the packages for npm. Versions, description and licence come from Cargo.toml.
//
//   build.mjs platform NAME BINARY OUT    one platform, from a binary that was built for it
//   build.mjs main OUT NAME…              the package that people install; it asks for these platforms
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const PLATFORMS = {
  "linux-x64-gnu": { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
  "linux-x64-musl": { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
  "linux-arm64-gnu": { os: ["linux"], cpu: ["arm64"], libc: ["glibc"] },
  "linux-arm64-musl": { os: ["linux"], cpu: ["arm64"], libc: ["musl"] },
  "darwin-x64": { os: ["darwin"], cpu: ["x64"] },
  "darwin-arm64": { os: ["darwin"], cpu: ["arm64"] },
  "win32-x64": { os: ["win32"], cpu: ["x64"] },
};

function stop(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

const manifest = readFileSync(join(root, "Cargo.toml"), "utf8").split("\n[lib]")[0];
function field(name) {
  return manifest.match(new RegExp(`^${name} = "(.*)"$`, "m"))?.[1] ?? stop(`Cargo.toml has no ${name}`);
}

function known(name) {
  return PLATFORMS[name] ?? stop(`there is no platform ${name}: ${Object.keys(PLATFORMS).join(", ")}`);
}

function write(folder, own) {
  mkdirSync(join(folder, "bin"), { recursive: true });
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(root, licence), join(folder, licence));
  const common = { version: field("version"), license: field("license"), homepage: field("homepage") };
  const { name, description, ...rest } = own;
  const text = JSON.stringify({ name, description, ...common, files: ["bin", "LICENSE-*"], ...rest }, null, 2);
  writeFileSync(join(folder, "package.json"), `${text}\n`);
}

const [what, ...args] = process.argv.slice(2);
if (what === "platform" && args.length === 3) {
  const [name, binary, out] = args;
  const platform = known(name);
  if (!statSync(binary, { throwIfNoEntry: false })?.isFile()) stop(`${binary} is no file`);
  write(out, { name: `@purposelint/${name}`, description: `The purposelint binary for ${name}`, ...platform, preferUnplugged: true });
  const target = join(out, "bin", name.startsWith("win32") ? "purposelint.exe" : "purposelint");
  copyFileSync(binary, target);
  chmodSync(target, 0o755);
} else if (what === "main" && args.length >= 2) {
  const [out, ...names] = args;
  names.forEach(known);
  const optionalDependencies = Object.fromEntries(names.map((name) => [`@purposelint/${name}`, field("version")]));
  const bin = { purposelint: "bin/purposelint.js" };
  write(out, { name: "purposelint", description: field("description"), bin, engines: { node: ">=18" }, optionalDependencies });
  cpSync(join(here, "bin"), join(out, "bin"), { recursive: true });
  copyFileSync(join(root, "README.md"), join(out, "README.md"));
} else {
  stop("usage: build.mjs platform NAME BINARY OUT | build.mjs main OUT NAME…");
}
