import type { ReactNode } from "react";
import { Brand } from "./brand";
import { BottomBar, SideNav } from "./frame-nav.client";
import { Menu } from "./menu.client";
import { Palette } from "./palette.client";
import type { Place } from "./places";
import { ThemeToggle } from "./theme.client";
import { Toaster } from "./toast.client";

export type { OpenWork, Place } from "./places";
export { placesOf, stockPlacesOf } from "./places";

export type FrameProps = Readonly<{
  places: readonly Place[];
  business: Readonly<{ name: string; href: string }>;
  /** The person's other businesses, and what stands under them (add one, leave the demo). */
  businesses?: readonly Readonly<{ name: string; href: string }>[] | undefined;
  addBusinessHref?: string | undefined;
  person: Readonly<{ name: string; role: string }>;
  settingsHref: string;
  /** A server action; drawn as a button of a form. */
  signOut?: ((data: FormData) => Promise<void>) | undefined;
  /** Where the search field leads, with `q`. */
  searchHref: string;
  /** More entries of the command palette, by group. */
  commands?: readonly Readonly<{ group: string; label: string; href: string }>[] | undefined;
  children: ReactNode;
}>;

/** The frame around every page of a business. It shows; it decides no access. */
export function Frame(props: FrameProps) {
  const foot = (
    <>
      {props.person.name}, {props.person.role}
      <br />
      <a href={props.settingsHref}>Settings</a> · <ThemeToggle />
      {props.signOut ? (
        <>
          {" "}
          ·{" "}
          <form action={props.signOut}>
            <button type="submit">Sign out</button>
          </form>
        </>
      ) : null}
    </>
  );
  return (
    <>
      <a className="skip" href="#main">
        Go to the page
      </a>
      <div className="app">
        <nav className="side" aria-label="Main">
          <Brand href={props.business.href} />
          <Switcher {...props} />
          <SideNav places={props.places} />
          <div className="about">{foot}</div>
        </nav>
        <div className="page">
          <header className="top">
            <Palette places={props.places} commands={props.commands ?? []} searchHref={props.searchHref} />
          </header>
          <main className="main" id="main" tabIndex={-1}>
            {props.children}
          </main>
        </div>
      </div>
      <BottomBar places={props.places}>
        <Switcher {...props} />
        <div className="nav">
          <SideNav places={props.places} bare />
        </div>
        <div className="about">{foot}</div>
      </BottomBar>
      <Toaster />
    </>
  );
}

function Switcher({ business, businesses = [], addBusinessHref }: FrameProps) {
  if (businesses.length === 0 && addBusinessHref === undefined)
    return (
      <div className="biz">
        <span>{business.name}</span>
      </div>
    );
  return (
    <Menu
      className="biz"
      summary={
        <>
          <span>
            <span className="vh">Business: </span>
            {business.name}
          </span>
          <span aria-hidden="true" className="f">
            ▾
          </span>
        </>
      }
    >
      <a href={business.href} aria-current="true">
        {business.name}
      </a>
      {businesses.map((other) => (
        <a key={other.href} href={other.href}>
          {other.name}
        </a>
      ))}
      {addBusinessHref ? (
        <>
          <hr />
          <a href={addBusinessHref}>Add a business</a>
        </>
      ) : null}
    </Menu>
  );
}
