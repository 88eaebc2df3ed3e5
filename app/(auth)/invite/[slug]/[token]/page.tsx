import type { Metadata } from "next";
import { Refusal } from "@/lib/core/errors";
import { inviteAt } from "@/lib/desk/team";
import { signedIn } from "../../../../auth";
import { mayOf } from "../../../../roles";
import { signInTo, signUpTo } from "../../../../same-path";
import { Button, ButtonLink } from "../../../../ui/button";
import { Form } from "../../../../ui/form";
import { TextLink } from "../../../../ui/link";
import { Warn } from "../../../../ui/section";
import { signOutNow } from "../../../actions";
import { joinNow } from "./actions";

/** The address is a secret: search engines keep out, and the referrer policy of proxy.ts tells it to no other site. */
export const metadata: Metadata = { title: "Invitation", robots: { index: false, follow: false } };

/** The end of an invitation's link. Opening it changes nothing, so that a mail scanner which follows it uses nothing up. */
export default async function Invitation({ params }: { params: Promise<Readonly<{ slug: string; token: string }>> }) {
  const { slug, token } = await params;
  const found = await inviteAt(slug, token).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "invite_gone") return error;
    throw error;
  });
  if (found instanceof Refusal)
    return (
      <>
        <h1 className="mb-2">This invitation is not open</h1>
        <p className="q">{found.message}</p>
        <p className="note mt-5">
          Joined already? <TextLink href="/">Go to your books</TextLink>
        </p>
      </>
    );
  const person = await signedIn();
  const here = `/invite/${encodeURIComponent(slug)}/${encodeURIComponent(token)}`;
  const { business, email, role, isLimited } = found;
  return (
    <>
      <h1 className="mb-2">Join {business}</h1>
      <p className="q mb-5">
        <b>{email}</b> is invited into its books as <b>{role}</b>
        {isLimited ? ", limited to some locations" : ""}: {mayOf(role, isLimited).toLowerCase()}.
      </p>
      {person === null ? (
        <>
          <ButtonLink href={signUpTo(here)} kind="primary" large wide>
            Make an account
          </ButtonLink>
          <p className="note mt-5">
            With {email} here before? <TextLink href={signInTo(here)}>Sign in</TextLink>
          </p>
        </>
      ) : person.email === email ? (
        <Form action={joinNow} hidden={{ slug, token }}>
          <Button kind="primary" large wide busy="Joining">
            Join
          </Button>
        </Form>
      ) : (
        <>
          <Warn>
            You are signed in as {person.email}, and this invitation is for {email}. Sign out, and come back as the one
            who was invited.
          </Warn>
          <form action={signOutNow} className="mt-4">
            <input type="hidden" name="next" value={here} />
            <Button large wide>
              Sign out
            </Button>
          </form>
        </>
      )}
    </>
  );
}
