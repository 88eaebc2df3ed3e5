import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { canMail } from "@/lib/system/mail";
import { samePath, signInTo } from "../../../same-path";
import { Button } from "../../../ui/button";
import { TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { mailLinkNow } from "../../actions";

export const metadata: Metadata = { title: "A link to sign in" };

export default async function MailLink({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  if (!canMail()) notFound();
  const { next } = await searchParams;
  const to = samePath(typeof next === "string" ? next : "/");
  return (
    <>
      <h1 className="mb-2">A link to sign in</h1>
      <p className="q mb-5">It comes by mail, works once, and within 15 minutes.</p>
      <Form action={mailLinkNow} hidden={{ next: to }}>
        <TextField label="E-mail" name="email" type="email" autoComplete="username" large />
        <Button kind="primary" large wide className="mt-4" busy="Sending">
          Send the link
        </Button>
      </Form>
      <p className="note mt-5">
        <TextLink href={signInTo(to)}>Sign in with the password instead</TextLink>
      </p>
    </>
  );
}
