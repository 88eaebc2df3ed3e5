"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { decidePairs, reopenPair } from "@/lib/desk/alike";
import { setShelf } from "@/lib/desk/channel-shelves";
import { stopSync } from "@/lib/desk/channels";
import { forgetGivenUp, retryGivenUp } from "@/lib/desk/given-up";
import { placeType } from "@/lib/desk/placed-types";
import { askPreview, takeBackSync } from "@/lib/desk/take-back";
import { bookTrial } from "@/lib/looking";
import { unseen } from "@/lib/preview";
import { addFileChannel, disconnectChannel, kindOf, readAgain, syncNow } from "@/lib/sales/channels";
import { beginConnect, connectAgain, connectByKeys, redirectUriOf } from "@/lib/sales/connect";
import { pauseChannel, questionsOf, resumeChannel } from "@/lib/sales/connected";
import { endPrivacyRequest } from "@/lib/sales/hooks";
import { setPracticeFault } from "@/lib/sales/practice-faults";
import { action } from "../../act";
import { type FormAction, seenField } from "../../ui/form-state";
import { fieldOf } from "./connect/fields";

const id = z.string().min(1).max(500);
const OfChannel = z.strictObject({ channel: id });

/** Another location for a channel's shelf. */
export const chooseShelf = action(
  z.strictObject({ channel: id, shelf: z.string().max(20), location: id }),
  (scope, input) => setShelf(scope, input),
  { done: () => "Saved. It counts for what happens from now on." },
);

/** Leads to the channel's own page, where the person allows it. */
export const connectChannel = action(
  z.strictObject({ kind: z.string().max(40) }),
  (scope, { kind }) => beginConnect(scope, kind, redirectUriOf(kind)),
  { to: (address) => address },
);

/** The same with what is asked before: leads to the channel's page, or tries the keys and leads to ours. */
export const connectWith = action(
  z
    .object({
      kind: z.string().max(40),
      since: z.iso.date().or(z.literal("")).optional(),
      looks: z.string().max(10).optional(),
      into: z.string().max(200).optional(),
    })
    .catchall(z.string().max(500)),
  async (scope, { kind, since, into, looks, ...fields }) => {
    const { asks } = await questionsOf(kind);
    const answers = Object.fromEntries(asks.map((ask) => [ask.name, fields[fieldOf(ask)] ?? ""]));
    const wish = { answers, since: since ? since : null, into: into ? into : null, isTrial: looks !== undefined };
    try {
      if (kindOf(kind).manifest.connect === "oauth") return await beginConnect(scope, kind, redirectUriOf(kind), wish);
      const { slug, channelId } = await connectByKeys(scope, kind, wish);
      return `/${slug}/channels?connected=${encodeURIComponent(channelId)}`;
    } catch (error) {
      // What is wrong with an answer is said at its field.
      const ask = error instanceof Refusal ? asks.find(({ name }) => name === error.detail.field) : undefined;
      if (!(error instanceof Refusal) || ask === undefined) throw error;
      throw new Refusal(error.code, error.message, { ...error.detail, field: fieldOf(ask) });
    }
  },
  { to: (address) => address },
);

export const signInAgain = action(OfChannel, (scope, { channel }) => connectAgain(scope, channel, redirectUriOf), {
  to: (address) => address,
});

export const pause = action(OfChannel, (scope, { channel }) => pauseChannel(scope, channel), {
  done: () => "It rests. Nothing more comes in until you press Go on.",
});

export const resume = action(OfChannel, (scope, { channel }) => resumeChannel(scope, channel), {
  done: () => "It goes on where it was.",
});

/** Says of pairs whether each is one thing or two; ids are parted by blanks. */
export const comparePairs = action(
  z.strictObject({ pairs: z.string().min(1).max(10_000), are: z.enum(["same", "different"]) }),
  async (scope, { pairs, are }, seen) => {
    const ids = pairs.split(" ");
    await decidePairs(scope, { pairs: ids, are }, seen);
    return { count: ids.length, are };
  },
  {
    done: ({ count, are }) =>
      are === "same"
        ? `${count === 1 ? "It is" : `${count} are`} told once now. It can be taken back below.`
        : `${count === 1 ? "They stay" : `${count} pairs stay`} as they are, and are not asked again.`,
  },
);

export const reopen = action(
  z.strictObject({ pair: id }),
  (scope, { pair }, seen) => reopenPair(scope, { pair }, seen),
  { done: () => "Taken back: both are in the books again, to be compared." },
);

/** Says what rows of a type are; an empty account takes it back. */
export const placeTypeAs: FormAction = action(
  z.strictObject({ channel: id, type: id, code: z.string().max(20) }),
  async (scope, { channel, type, code }, seen) => ({
    channel,
    type,
    isPlaced: code !== "",
    ...(await placeType(scope, { channel, type, code: code === "" ? null : code }, seen)),
  }),
  {
    done: ({ channel, type, isPlaced, before }) => ({
      message: isPlaced ? `All rows of “${type}” are placed, and those that come will be.` : `“${type}” waits again.`,
      undo: {
        label: "Take back",
        action: placeTypeAs,
        values: { channel, type, code: before ?? "", [seenField]: unseen },
      },
    }),
  },
);

export const book = action(OfChannel, (scope, { channel }) => bookTrial(scope, channel), {
  done: () => "It goes into your books now.",
});

export const endRequest = action(
  z.strictObject({ channel: id, event: z.string().min(1).max(500) }),
  (scope, { channel, event }) => endPrivacyRequest(scope, channel, event),
  { done: () => "Ended. What the channel sent with the request is forgotten." },
);

export const addByFiles = action(
  z.strictObject({ kind: z.string().max(40), name: z.string().max(500).optional() }),
  (scope, { kind, name }) => addFileChannel(scope, kind, name ?? ""),
  { to: (channel, scope) => `/${scope.slug}/channels/${encodeURIComponent(channel)}` },
);

export const sync = action(OfChannel, (scope, { channel }) => syncNow(scope, channel), {
  done: () => "The sync begins.",
});

export const stop = action(z.strictObject({ run: id }), stopSync, {
  done: () => "The sync stops at its next page. What it has read stays.",
});

export const tryAgain = action(OfChannel, (scope, { channel }) => readAgain(scope, channel), {
  done: () => "The documents are read again.",
});

export const disconnect = action(OfChannel, (scope, { channel }) => disconnectChannel(scope, channel), {
  done: () => "Disconnected. Everything in the books stays.",
});

/** What taking a large sync back would change: a job works it out, and the page shows how far it is. */
export const previewTakeBack = action(
  z.strictObject({ channel: id, run: id }),
  (scope, { channel, run }) => askPreview(scope, { of: "sync", id: run, channel }),
  { done: () => "It is being worked out." },
);

const OfJob = z.strictObject({ id });

export const retryJob = action(OfJob, retryGivenUp, { done: () => "It is tried again." });

export const forgetJob = action(OfJob, forgetGivenUp, { done: () => "Forgotten. What it was to do is not done." });

/** A large one is taken back by a job: its page then shows how far it is. */
export const takeBack = action(
  z.strictObject({ channel: id, run: id }),
  async (scope, input) => ({ ...input, job: (await takeBackSync(scope, input)).run }),
  {
    to: ({ channel, run, job }, scope) =>
      job === null
        ? `/${scope.slug}/channels`
        : `/${scope.slug}/channels/${encodeURIComponent(channel)}/take-back?sync=${run}`,
  },
);

const said = {
  throttle: "The next 5 calls are answered with “too many, wait 2 seconds”.",
  fail: "The next call fails.",
  slow: "The next 10 calls take 3 seconds each.",
  html: "The next call is answered with a web page.",
  expire: "The access tokens have ended; the next sync renews its own.",
  change: "Orders change and move while the next pages are read.",
  off: "All faults are off.",
} as const;

export const switchFault = action(
  z.strictObject({ channel: id, fault: z.enum(["throttle", "fail", "slow", "html", "expire", "change", "off"]) }),
  async (scope, input) => {
    await setPracticeFault(scope, input);
    return input.fault;
  },
  { done: (fault) => said[fault] },
);
