/** `npm run demo`: makes the demo's person and business once, and prints how to sign in as JSON on its last line. */
import { closeDatabase } from "../db/scope";
import { openDemo } from "../lib/demo/open";
import { businessesOf } from "../lib/people/access";
import { hashPassword } from "../lib/people/passwords";
import { createPerson, personByEmail } from "../lib/people/users";
import { withDatabase } from "./lib/with-database";

/** Known to everybody, and told at each start: the demo holds nothing but made-up trade on this machine. */
const signIn = { email: "demo@lotbook.example", password: "demo-lotbook-demo" };

await withDatabase(async () => {
  const person =
    (await personByEmail(signIn.email)) ??
    (await createPerson({
      email: signIn.email,
      name: "Dana Whitlock",
      passwordHash: await hashPassword(signIn.password),
      isVerified: true,
    }));
  if ((await businessesOf(person.id)).length === 0) await openDemo(person.id);
  await closeDatabase();
});
console.log(JSON.stringify(signIn));
