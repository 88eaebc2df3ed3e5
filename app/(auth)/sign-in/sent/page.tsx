import type { Metadata } from "next";
import { TextLink } from "../../../ui/link";

export const metadata: Metadata = { title: "Look into your mail" };

export default function Sent() {
  return (
    <>
      <h1 className="mb-2">Look into your mail</h1>
      <p className="q">A link is on its way to the address that you gave. It works once, and within 15 minutes.</p>
      <p className="note mt-5">
        Nothing came? Look among the unwanted, or <TextLink href="/sign-in/mail">ask for another</TextLink>.
      </p>
    </>
  );
}
