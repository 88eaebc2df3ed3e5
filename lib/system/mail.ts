/**
 * Mail. With SMTP_URL it is sent; without, in development, it is printed to the terminal so that links in it can be followed.
 * Never called within a transaction.
 */
import { createTransport, type Transporter } from "nodemailer";
import { env } from "./env";
import { log } from "./log";

/** `files`: what is attached; `replyTo`: who reads an answer, where that is not the sender. */
export type Mail = Readonly<{
  to: string;
  subject: string;
  text: string;
  replyTo?: string;
  files?: readonly Readonly<{ name: string; type: string; bytes: Uint8Array }>[];
}>;

let transport: Transporter | undefined;

/** Can mail reach people here? In development it can: it is printed. */
export function canMail(): boolean {
  return env().SMTP_URL !== undefined || env().NODE_ENV !== "production";
}

/** Sends one mail. A line break in the subject would begin another header, so there is none. Throws what the server refuses. */
export async function sendMail(mail: Mail): Promise<void> {
  const subject = mail.subject.replace(/[\r\n]+/g, " ");
  const { SMTP_URL, MAIL_FROM, NODE_ENV } = env();
  if (SMTP_URL === undefined) {
    // Printed past the log, which would hide the link's token: this is the one place where that is wanted.
    if (NODE_ENV === "production") log().warn({ subject }, "no mail was sent: SMTP_URL is not set");
    else process.stdout.write(`\nMail to ${mail.to}: ${subject}\n${mail.text}\n${attached(mail)}\n`);
    return;
  }
  transport ??= createTransport(SMTP_URL, { connectionTimeout: 10_000, socketTimeout: 20_000 });
  await transport.sendMail({
    from: MAIL_FROM,
    to: mail.to,
    subject,
    text: mail.text,
    ...(mail.replyTo === undefined ? {} : { replyTo: mail.replyTo }),
    attachments: (mail.files ?? []).map(({ name, type, bytes }) => ({
      filename: name,
      contentType: type,
      content: Buffer.from(bytes),
    })),
  });
}

const attached = ({ files = [] }: Mail): string =>
  files.map(({ name, bytes }) => `Attached: ${name}, ${bytes.length} bytes\n`).join("");

/** Tells someone that something about their account changed. Failing to tell does not undo the change; the log says so. */
export async function notify(mail: Mail): Promise<void> {
  try {
    await sendMail(mail);
  } catch (error) {
    log().error({ err: error, subject: mail.subject }, "a notice could not be mailed");
  }
}
