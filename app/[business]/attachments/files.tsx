import type { ReactNode } from "react";
import { type Attachment, attachmentsOf, mostFileBytes, mostFiles } from "@/lib/desk/attachments";
import { fileTypes, isPicture } from "@/lib/desk/file-types";
import { can, type Scope } from "@/lib/people/access";
import { Button } from "../../ui/button";
import { Moment } from "../../ui/date";
import { Form } from "../../ui/form";
import { TextLink } from "../../ui/link";
import { Alert, Section } from "../../ui/section";
import { todayOf } from "../inventory/balances/state";
import { refusedMessage } from "../transactions/import/refused";
import { removeFile } from "./actions";
import { fileHref } from "./state";

/** The files beside a document (`purchase/…`): pictures small, the rest by name; and one more. `isBeside`: in little room, folded. */
export async function Files({
  scope,
  of,
  title = "Receipts and files",
  refused,
  isBeside = false,
}: {
  scope: Scope;
  of: string;
  title?: string | undefined;
  refused: string | string[] | undefined;
  isBeside?: boolean | undefined;
}) {
  const [files, why] = [await attachmentsOf(scope, of), await refusedMessage(refused)];
  const mayWrite = can(scope, "write");
  if (files.length === 0 && !mayWrite) return null;
  const content = (
    <>
      {why === null ? null : <Alert>{why}</Alert>}
      {files.length === 0 ? null : (
        <ul className="flex flex-wrap gap-4 mb-4">
          {files.map((file) => (
            <File key={file.id} scope={scope} file={file} mayWrite={mayWrite} />
          ))}
        </ul>
      )}
      {mayWrite && files.length < mostFiles ? <Add scope={scope} of={of} /> : null}
    </>
  );
  return (
    <div id="files">
      {isBeside ? (
        <Folded title={title} count={files.length} isOpen={files.length > 0 || why !== null}>
          {content}
        </Folded>
      ) : (
        <Section title={title}>{content}</Section>
      )}
    </div>
  );
}

function Folded({
  title,
  count,
  isOpen,
  children,
}: {
  title: string;
  count: number;
  isOpen: boolean;
  children: ReactNode;
}) {
  return (
    <details open={isOpen}>
      <summary>{count === 0 ? "Add a photo of the receipt" : `${title}: ${count}`}</summary>
      <div className="mt-2">{children}</div>
    </details>
  );
}

function File({ scope, file, mayWrite }: { scope: Scope; file: Attachment; mayWrite: boolean }) {
  const href = fileHref(`/${scope.slug}`, file.id);
  return (
    <li className="max-w-[200px]">
      {isPicture(file.type) ? (
        <a href={href} className="block mb-2">
          {/* Not by Next's own: it would fetch the picture without the person's session. */}
          {/* biome-ignore lint/performance/noImgElement: it is given by our own route, to who may see it only. */}
          <img
            src={href}
            alt={file.name}
            width={96}
            height={96}
            loading="lazy"
            style={{ width: 96, height: 96, objectFit: "cover", borderRadius: 4 }}
          />
        </a>
      ) : null}
      <span style={{ overflowWrap: "anywhere" }}>
        <TextLink href={href}>{file.name}</TextLink>
      </span>
      <div className="q s">
        <Moment at={file.at} timeZone={scope.timeZone} year={Number(todayOf(scope).slice(0, 4))} />
        {file.who === null ? "" : ` by ${file.who}`}
      </div>
      {mayWrite ? (
        <Form action={removeFile} hidden={{ file: file.id }}>
          <Button kind="link" busy="Removing" says={file.name}>
            Remove
          </Button>
        </Form>
      ) : null}
    </li>
  );
}

/** A plain form, so that it works without script and a large file is counted while it comes in. */
function Add({ scope, of }: { scope: Scope; of: string }) {
  return (
    <form action={`/${scope.slug}/attachments/upload`} method="post" encType="multipart/form-data">
      <input type="hidden" name="of" value={of} />
      <label className="lbl" htmlFor="attached-file">
        A photo or PDF
      </label>
      <div className="flex flex-wrap gap-2 items-center">
        <input
          className="in"
          id="attached-file"
          type="file"
          name="file"
          required
          accept={[...fileTypes, ".heic"].join(",")}
        />
        <Button>Add file</Button>
      </div>
      <p className="q s mt-2">JPEG, PNG, WebP, HEIC or PDF, at most {mostFileBytes / 1024 / 1024} MB.</p>
    </form>
  );
}
