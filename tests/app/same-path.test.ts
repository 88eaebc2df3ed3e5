import { describe, expect, it } from "vitest";
import { samePath, signInTo, signUpTo } from "../../app/same-path";

describe("where to go on after signing in", () => {
  it.each([
    ["/alder/settings?x=1", "/alder/settings?x=1"],
    ["/", "/"],
    ["https://books.example.com/alder", "/alder"],
  ])("%j is ours", (url, path) => expect(samePath(url, "https://books.example.com")).toBe(path));

  it.each([
    "//evil.example",
    "///evil.example",
    "https://evil.example/",
    "https:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "https://books.example.com.evil.example/",
    "https://books.example.com@evil.example/",
    "evil",
    "",
    null,
    undefined,
  ])("%j is not: the way leads home", (url) => expect(samePath(url, "https://books.example.com")).toBe("/"));

  it("never gives a path that a browser takes for another host", () => {
    expect(samePath("/x/..//evil.example", "https://books.example.com")).not.toMatch(/^\/[/\\]/);
  });

  it("is carried from one way in to another, and is ours there, too", () => {
    expect(signInTo("/invite/alder/x")).toBe("/sign-in?next=%2Finvite%2Falder%2Fx");
    expect(signUpTo("/invite/alder/x")).toBe("/sign-up?next=%2Finvite%2Falder%2Fx");
    for (const nowhere of ["/", "//evil.example", "https://evil.example/", null])
      expect([signInTo(nowhere), signUpTo(nowhere)]).toEqual(["/sign-in", "/sign-up"]);
  });
});
