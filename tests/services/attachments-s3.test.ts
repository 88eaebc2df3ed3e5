import { expect, test } from "vitest";
import { newId } from "../../lib/system/ids";
import { getBytes, putBytes } from "../../lib/system/store";
import { type ObjectStore, openObjectStore, storeKeys } from "../support/s3-server";
import { suite } from "./attachments-suite";

let store: ObjectStore;

suite("in an object store", async () => {
  store = await openObjectStore();
  process.env.S3_ENDPOINT = store.url;
  process.env.S3_BUCKET = storeKeys.bucket;
  process.env.S3_REGION = storeKeys.region;
  process.env.S3_ACCESS_KEY_ID = storeKeys.id;
  process.env.S3_SECRET_ACCESS_KEY = storeKeys.secret;
  return {
    files: async () => store.objects.size,
    breakIt: async () => {
      const { set } = store.objects;
      store.objects.set = () => {
        throw new Error("the store is broken");
      };
      return async () => {
        store.objects.set = set;
      };
    },
  };
});

test("keys are ids, and every request was signed", async () => {
  const key = { business: newId(), file: newId() };
  await putBytes(key, new Uint8Array([1, 2, 3]));
  expect([...store.objects.keys()]).toContain(`${key.business}/${key.file}`);
  expect(await getBytes(key)).toEqual(new Uint8Array([1, 2, 3]));
  expect(await getBytes({ ...key, file: newId() })).toBeNull();
  expect(store.refused).toEqual([]);
  // The server of this test does look: one that is not signed, and one that was changed, are turned away.
  expect((await fetch(`${store.url}/${storeKeys.bucket}/${key.business}/${key.file}`)).status).toBe(403);
  expect(store.refused).toEqual(["no signature"]);
});
