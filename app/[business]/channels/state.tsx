/** How a channel stands, in one mark with its words. */
import { Moment } from "@/app/ui/date";
import { State } from "@/app/ui/state";
import type { ChannelRow } from "@/lib/sales/channels";

export function ChannelMark({ channel, timeZone }: { channel: ChannelRow; timeZone: string }) {
  if (channel.openRun !== null)
    return <State kind="work">{channel.lastSyncedAt === null ? "First sync under way" : "Sync under way"}</State>;
  switch (channel.state) {
    case "reconnect":
      return <State kind="wrong">Connect again</State>;
    case "disconnected":
      return <State kind="waiting">Disconnected</State>;
    case "file":
      return (
        <State kind="done">
          Kept by {channel.kind === "hand" ? "hand" : "its files"}
          {channel.lastRun?.endedAt == null ? null : (
            <>
              , last <Moment at={channel.lastRun.endedAt} timeZone={timeZone} />
            </>
          )}
        </State>
      );
    case "connected":
      if (channel.isTrial) return <State kind="waiting">Looking only</State>;
      if (channel.isTrial) return "nothing of it is in your books";
      if (channel.pausedAt !== null) return <State kind="waiting">Rests</State>;
      if (channel.lastRun?.state === "failed") return <State kind="wrong">The last sync stopped</State>;
      if (channel.lastSyncedAt === null) return <State kind="waiting">Not synchronised yet</State>;
      return (
        <State kind="done">
          Up to date <Moment at={channel.lastSyncedAt} timeZone={timeZone} />
        </State>
      );
  }
}

/** The line under the mark: when it goes on by itself, or what is wrong. */
export function StateNote({ channel, timeZone }: { channel: ChannelRow; timeZone: string }) {
  if (channel.note !== null) return channel.note;
  if (channel.openRun !== null) return "you can leave this page";
  if (channel.pausedAt !== null) return "nothing comes in until you press Go on";
  if (channel.lastRun?.state === "failed") return channel.lastRun.note ?? "it is tried again by the clock";
  if (channel.state === "disconnected") return "everything in the books stays";
  if (channel.state === "file")
    return channel.kind === "hand" ? "recorded under Sales" : "bring its next file when it is there";
  return channel.nextSyncAt === null ? (
    "synchronised when you press Sync now"
  ) : (
    <>
      goes on by itself, next <Moment at={channel.nextSyncAt} timeZone={timeZone} />
    </>
  );
}
