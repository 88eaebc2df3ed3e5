import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { canMail } from "@/lib/system/mail";
import { signedIn } from "../../auth";
import { samePath, signUpTo, withNext } from "../../same-path";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { TextLink } from "../../ui/link";
import { Alert } from "../../ui/section";
import { signInNow } from "../actions";

export const metadata: Metadata = { title: "Sign in" };

/** What next-auth says of a link that did not work, in our words. */
const troubles: Readonly<Record<string, string>> = {
  Verification: "This link was used already, or is too old. Ask for a new one, or sign in with your password.",
};

export default async function SignIn({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { next, error } = await searchParams;
  const to = samePath(typeof next === "string" ? next : "/");
  if (error === undefined && (await signedIn()) !== null) redirect(to);
  return (
    <>
      <h1 className="mb-5">Sign in</h1>
      {typeof error === "string" ? <Alert>{troubles[error] ?? "Signing in did not work. Try again."}</Alert> : null}
      <Form action={signInNow} hidden={{ next: to }} className="mt-4">
        <div className="grid gap-3">
          <TextField label="E-mail" name="email" type="email" autoComplete="username" large />
          <TextField label="Password" name="password" type="password" autoComplete="current-password" large />
        </div>
        <Button kind="primary" large wide className="mt-4" busy="Signing in">
          Sign in
        </Button>
      </Form>
      <p className="note mt-5">
        {canMail() ? (
          <>
            <TextLink href={`/sign-in/mail${withNext(to)}`}>Send a link to sign in without the password</TextLink>
            <br />
          </>
        ) : null}
        New here? <TextLink href={signUpTo(to)}>Make an account</TextLink>
      </p>
    </>
  );
}
