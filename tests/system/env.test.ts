import { expect, it } from "vitest";
import { readEnv } from "../../lib/system/env";

it("reads an empty environment, and takes an empty value for none", () => {
  const bare = readEnv({});
  expect(bare).toMatchObject({ NODE_ENV: "development", LOG_LEVEL: "info", TRUSTED_PROXIES: 0 });
  expect(readEnv({ SMTP_URL: "", AUTH_URL: "", TRUSTED_PROXIES: "" })).toEqual(bare);
});

it.each([
  ["AUTH_URL", "shop.internal", "AUTH_URL must be a URL such as https://books.example.com"],
  ["SMTP_URL", "https://mail.example.com", "SMTP_URL must be a URL such as smtps://"],
  ["TRUSTED_PROXIES", "two", "TRUSTED_PROXIES must be a whole number from 0 to 10"],
  ["LOG_LEVEL", "loud", "LOG_LEVEL must be a level such as info"],
  ["AUTH_SECRET", "short", "AUTH_SECRET must have at least 16 characters"],
  ["MAIL_FROM", "a@b\r\nBcc: c@d", "MAIL_FROM must be an e-mail address"],
])("says in one line that %s is wrong, without its value", (name, value, says) => {
  const read = () => readEnv({ [name]: value });
  expect(read).toThrow(says);
  let message = "";
  try {
    read();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).not.toContain("\n");
  expect(message).not.toContain(value);
});
