import type { Metadata } from "next";
import { Button } from "../../../ui/button";
import { TextLink } from "../../../ui/link";

export const metadata: Metadata = { title: "Sign in" };

/** The end of a mailed link. A press of the button uses it, so that a mail scanner which opens the link does not use it up. */
export default async function OpenLink({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const given = await searchParams;
  const fields = ["callbackUrl", "token", "email"].flatMap((name) => {
    const value = given[name];
    return typeof value === "string" ? [{ name, value }] : [];
  });
  const email = fields.find(({ name }) => name === "email")?.value;
  if (fields.length < 3)
    return (
      <>
        <h1 className="mb-2">This link is not whole</h1>
        <p className="q">
          Open it from the mail once more, or <TextLink href="/sign-in/mail">ask for another</TextLink>.
        </p>
      </>
    );
  return (
    <>
      <h1 className="mb-2">Sign in</h1>
      <p className="q mb-5">as {email}</p>
      <form action="/api/auth/callback/email" method="get">
        {fields.map((field) => (
          <input key={field.name} type="hidden" {...field} />
        ))}
        <Button kind="primary" large wide>
          Go to your books
        </Button>
      </form>
    </>
  );
}
