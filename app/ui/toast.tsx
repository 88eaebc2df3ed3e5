import type { ReactNode } from "react";

/** What a toast looks like, standing still in a page: the message of a form that was sent without script. */
export function ToastCard({ children }: { children: ReactNode }) {
  return (
    <p className="toast" role="status">
      {children}
    </p>
  );
}
