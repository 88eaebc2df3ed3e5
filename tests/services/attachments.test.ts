import { mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { newId } from "../../lib/system/ids";
import { getBytes, putBytes } from "../../lib/system/store";
import { suite } from "./attachments-suite";

let folder = "";
afterAll(() => rm(folder, { recursive: true, force: true }));

suite("on disk", async () => {
  folder = await mkdtemp(path.join(tmpdir(), "lotbook-files-"));
  process.env.DATA_DIR = folder;
  const files = path.join(folder, "files");
  return {
    files: async () =>
      (await readdir(files, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length,
    breakIt: async () => {
      // A file stands where the folder should be: no one may write below it, not even the superuser.
      await rename(files, `${files}.away`);
      await writeFile(files, "");
      return async () => {
        await rm(files);
        await rename(`${files}.away`, files);
      };
    },
  };
});

test("nobody else on the machine may read what is kept", async () => {
  const key = { business: newId(), file: newId() };
  await putBytes(key, new Uint8Array([1, 2, 3]));
  expect(await getBytes(key)).toEqual(new Uint8Array([1, 2, 3]));
  const at = path.join(folder, "files", key.business);
  expect([(await stat(at)).mode & 0o077, (await stat(path.join(at, key.file))).mode & 0o077]).toEqual([0, 0]);
  await expect(async () => putBytes({ ...key, file: "../x" }, new Uint8Array([1]))).rejects.toThrow("named by ids");
});
