import type { ReactNode } from "react";

/** What would be here, where it comes from, the next step: one primary button, at most one quiet. */
export function Empty({
  title,
  children,
  actions,
}: {
  title: ReactNode;
  children?: ReactNode | undefined;
  actions?: ReactNode | undefined;
}) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {actions ? <div className="actions">{actions}</div> : null}
    </div>
  );
}
