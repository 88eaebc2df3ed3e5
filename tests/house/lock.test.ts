import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { missingFrom, platformOf } from "../../scripts/lock.mjs";

const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));

describe("the lockfile", () => {
  it("names the packages of every platform, so that npm ci accepts it", () => {
    expect(missingFrom(lock)).toEqual({});
  });

  it("is found incomplete when a platform's package is missing, and the entry says where it can run", () => {
    const { "node_modules/@next/swc-darwin-arm64": left, ...packages } = lock.packages;
    expect(missingFrom({ ...lock, packages })).toEqual({
      "node_modules/@next/swc-darwin-arm64": { version: left.version, os: ["darwin"], cpu: ["arm64"], optional: true },
    });
  });

  it("gives another version of a package a place of its own", () => {
    const packages = {
      "node_modules/a": { optionalDependencies: { "x-linux-x64-musl": "1.0.0" } },
      "node_modules/b": { optionalDependencies: { "x-linux-x64-musl": "^2.0.0" } },
    };
    const entry = { os: ["linux"], cpu: ["x64"], libc: ["musl"], optional: true };
    expect(missingFrom({ packages })).toEqual({
      "node_modules/x-linux-x64-musl": { version: "1.0.0", ...entry },
      "node_modules/b/node_modules/x-linux-x64-musl": { version: "2.0.0", ...entry },
    });
  });
});

describe("the name of a platform's package", () => {
  it.each([
    ["@biomejs/cli-win32-arm64", { os: ["win32"], cpu: ["arm64"] }],
    ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
    ["@oxc-parser/binding-linux-arm-musleabihf", { os: ["linux"], cpu: ["arm"], libc: ["musl"] }],
    ["@img/sharp-linuxmusl-x64", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
    ["@tailwindcss/oxide-wasm32-wasi", { cpu: ["wasm32"] }],
    ["fsevents", { os: ["darwin"] }],
    ["bufferutil", {}],
  ])("%s says where it runs", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
