import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { signedIn } from "../../auth";
import { samePath, signInTo } from "../../same-path";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { TextLink } from "../../ui/link";
import { signUpNow } from "../actions";

export const metadata: Metadata = { title: "Make an account" };

export default async function SignUp({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { next } = await searchParams;
  const to = samePath(typeof next === "string" ? next : "/");
  if ((await signedIn()) !== null) redirect(to);
  return (
    <>
      <h1 className="mb-5">Make an account</h1>
      <Form action={signUpNow} hidden={{ next: to }}>
        <div className="grid gap-3">
          <TextField label="Your name" name="name" autoComplete="name" maxLength={200} large />
          <TextField label="E-mail" name="email" type="email" autoComplete="username" large />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            hint="At least 8 characters. Three or four plain words are easy to remember and hard to guess."
            large
          />
        </div>
        <Button kind="primary" large wide className="mt-4" busy="Making it">
          Make the account
        </Button>
      </Form>
      <p className="note mt-5">
        Here before? <TextLink href={signInTo(to)}>Sign in</TextLink>
      </p>
    </>
  );
}
