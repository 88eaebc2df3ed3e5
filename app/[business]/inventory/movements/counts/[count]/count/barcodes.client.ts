/**
 * Reads barcodes out of a video, on the device. Where the browser does it itself (`BarcodeDetector`: Chrome on Android and on Macs), that is
 * used; elsewhere ZXing as WebAssembly, which is loaded only then, from here. It is compiled, for which the policy of the counting page has its
 * one right more (proxy.ts).
 */

/** Gives the first code that is to be seen, or null. */
export type BarcodeReader = (of: HTMLVideoElement) => Promise<string | null>;

type Detector = Readonly<{ detect: (of: HTMLVideoElement) => Promise<readonly Readonly<{ rawValue: string }>[]> }>;
type DetectorMaker = Readonly<{ getSupportedFormats: () => Promise<readonly string[]> }> & (new () => Detector);

/** A reader for this browser. Where it has a detector that knows no formats (Chrome on Windows and Linux), that reads nothing. */
export async function readerHere(): Promise<BarcodeReader> {
  const Made = (window as Readonly<{ BarcodeDetector?: DetectorMaker }>).BarcodeDetector;
  if (Made !== undefined && (await Made.getSupportedFormats()).includes("ean_13")) {
    const detector = new Made();
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  return zxingReader();
}

/** Wider pictures only take longer: a code that fills a third of this is read. */
const widest = 960;

async function zxingReader(): Promise<BarcodeReader> {
  const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");
  const compiled = new URL("zxing-wasm/reader/zxing_reader.wasm", import.meta.url).href;
  // Otherwise it would be fetched from somebody else's server.
  await prepareZXingModule({ overrides: { locateFile: () => compiled }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const drawn = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, widest / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (drawn === null || canvas.width === 0 || canvas.height === 0) return null;
    drawn.drawImage(video, 0, 0, canvas.width, canvas.height);
    const seen = drawn.getImageData(0, 0, canvas.width, canvas.height);
    const [code] = await readBarcodes(seen, { maxNumberOfSymbols: 1 });
    return code?.isValid === true ? code.text : null;
  };
}
