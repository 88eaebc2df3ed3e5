/** A mail server that takes everything and keeps it: enough of SMTP (RFC 5321) for what the product sends. */
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";

export type Mailbox = Readonly<{
  url: string;
  /** The newest mail to this address, as text; waits for it. */
  newest: (to: string) => Promise<string>;
}>;

/** Registered where the file is read: a hook that another hook adds is never run. */
const open: ReturnType<typeof createServer>[] = [];
afterAll(() => Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done)))));

/** Listens on a free port until the file's last test. */
export async function openMailbox(): Promise<Mailbox> {
  const mails: Readonly<{ to: string; text: string }>[] = [];
  const server = createServer((socket) => receive(socket, (to, text) => mails.push({ to, text })));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    newest: async (to) => {
      for (let i = 0; i < 200; i += 1) {
        const mail = mails.findLast((one) => one.to === to);
        if (mail !== undefined) return mail.text;
        await sleep(50);
      }
      throw new Error(`no mail came for ${to}`);
    },
  };
}

function receive(socket: Socket, keep: (to: string, text: string) => void): void {
  let to = "";
  let buffer = "";
  let inData = false;
  socket.setEncoding("utf8");
  socket.write("220 mailbox\r\n");
  socket.on("data", (bytes) => {
    buffer += String(bytes);
    for (;;) {
      const end = buffer.indexOf(inData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const part = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (inData) {
        // Quoted-printable folds long lines; links are read without the folds.
        keep(to, part.replace(/=\r\n/g, "").replace(/=3D/g, "="));
        inData = false;
        socket.write("250 kept\r\n");
        continue;
      }
      const [verb = ""] = part.split(" ");
      if (verb === "RCPT") to = part.match(/<([^>]*)>/)?.[1] ?? "";
      if (verb === "DATA") inData = true;
      socket.write(verb === "DATA" ? "354 go on\r\n" : verb === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
    }
  });
}
