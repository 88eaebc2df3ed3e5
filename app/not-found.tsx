import { Brand } from "./ui/brand";
import { ButtonLink } from "./ui/button";

/** One page for what is not there and for what is somebody else's. */
export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-screen max-w-[420px] content-center gap-3 px-5">
      <Brand href="/" />
      <h1>There is nothing here</h1>
      <p className="q">The address is wrong, what it led to is gone, or you are not in the team of this business.</p>
      <div>
        <ButtonLink href="/">Go to your books</ButtonLink>
      </div>
    </main>
  );
}
