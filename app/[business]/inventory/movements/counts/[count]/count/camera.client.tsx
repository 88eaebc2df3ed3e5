"use client";

import { useEffect, useRef, useState } from "react";
import { buttonClass } from "../../../../../../ui/button";

/** What browsers that read barcodes themselves offer; others have no such thing. */
type Detector = Readonly<{ detect: (of: HTMLVideoElement) => Promise<readonly Readonly<{ rawValue: string }>[]> }>;
type WithDetector = Readonly<{ BarcodeDetector?: new () => Detector }>;

const detectorOf = (): (new () => Detector) | null =>
  typeof window === "undefined" ? null : ((window as WithDetector).BarcodeDetector ?? null);

/** Can this device read barcodes with its camera? A scanner that types like a keyboard needs none of this. */
export const canScan = (): boolean => detectorOf() !== null && navigator.mediaDevices !== undefined;

const looksEachMs = 200;

/** The camera, reading until it has found a code or is closed. */
export function Camera({ onCode, onClose }: { onCode: (code: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const told = useRef(onCode);
  told.current = onCode;

  useEffect(() => {
    const Made = detectorOf();
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const begin = async () => {
      if (Made === null) throw new Error("no detector");
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const shown = video.current;
      if (isOver || shown === null) return;
      shown.srcObject = stream;
      await shown.play();
      const detector = new Made();
      const look = async () => {
        if (isOver) return;
        const [code] = shown.readyState >= shown.HAVE_CURRENT_DATA ? await detector.detect(shown) : [];
        if (isOver) return;
        if (code !== undefined && code.rawValue !== "") told.current(code.rawValue);
        else timer = setTimeout(() => void look().catch(fail), looksEachMs);
      };
      await look();
    };
    const fail = (failure: unknown) => {
      console.error(failure);
      if (!isOver)
        setWrong("The camera cannot be used. Allow it for this page and load the page again, or type the code.");
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
