/** A proxy in front of a server that cuts a connection at a chosen place, as a network does: each side learns of it, or only one did its work. */
import { connect, createServer, type Socket } from "node:net";

export type CutProxy = Readonly<{
  port: number;
  /** The n-th piece that the server sends from now on, or its word that a commit is done, is not passed on: the connection is cut instead. Once. */
  cutAt: (place: number | "commit" | null) => void;
  /** Whether that has happened, and whether what was kept back was the word that a commit is done. */
  cut: () => Readonly<{ isCut: boolean; wasCommit: boolean }>;
  close: () => Promise<void>;
}>;

/** Listens on a free port of this machine and passes everything on to `port`. */
export async function startCutProxy(port: number): Promise<CutProxy> {
  let left: number | "commit" | null = null;
  let seen = { isCut: false, wasCommit: false };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const socket of [client, upstream]) {
      open.add(socket);
      // A cut is what this is for: the other side is ended, and says so itself.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      const isCommit = bytes.includes("COMMIT\0");
      if (typeof left === "number") left -= 1;
      if (left === 0 || (left === "commit" && isCommit)) {
        left = null;
        seen = { isCut: true, wasCommit: isCommit };
        client.destroy();
        return;
      }
      client.write(bytes);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    cutAt: (place) => {
      left = place;
      seen = { isCut: false, wasCommit: false };
    },
    cut: () => seen,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
