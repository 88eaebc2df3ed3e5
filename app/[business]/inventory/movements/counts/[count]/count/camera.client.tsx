"use client";

import { useEffect, useRef, useState } from "react";
import { buttonClass } from "../../../../../../ui/button";
import { readerHere } from "./barcodes.client";

/** Has this device a camera that a page may ask for? A scanner that types like a keyboard needs none of this. */
export const canScan = (): boolean => typeof navigator !== "undefined" && navigator.mediaDevices !== undefined;

const looksEachMs = 200;

/** The camera, reading until it has found a code or is closed. */
export function Camera({ onCode, onClose }: { onCode: (code: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const told = useRef(onCode);
  told.current = onCode;

  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const begin = async () => {
      const given = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      stream = given;
      const shown = video.current;
      if (isOver || shown === null) {
        // It was closed while it was asked for: nothing else would put the camera out.
        for (const track of given.getTracks()) track.stop();
        return;
      }
      shown.srcObject = given;
      await shown.play();
      const read = await readerHere();
      const look = async () => {
        if (isOver) return;
        const code = shown.readyState >= shown.HAVE_CURRENT_DATA ? await read(shown) : null;
        if (isOver) return;
        if (code !== null && code !== "") told.current(code);
        else timer = setTimeout(() => void look().catch(fail), looksEachMs);
      };
      await look();
    };
    const fail = (failure: unknown) => {
      console.error(failure);
      if (!isOver)
        setWrong(
          "The camera cannot be used. Allow it for this page and load the page again with a connection, or type the code.",
        );
    };
    void begin().catch(fail);
    return () => {
      isOver = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);

  return (
    <div className="mt-3">
      {wrong === null ? (
        <video ref={video} className="w-full rounded" muted playsInline aria-label="What the camera sees" />
      ) : (
        <p className="alert" role="alert">
          {wrong}
        </p>
      )}
      <button type="button" className={buttonClass({ kind: "plain", large: true, wide: true })} onClick={onClose}>
        Close the camera
      </button>
    </div>
  );
}
