/** Line icons, 16 px. They say nothing by themselves: what they stand beside does. */

const PATHS = {
  overview: "M2 9h3l2-6 3 11 2-5h2",
  topics: "M2 4h12M2 8h12M2 12h8",
  functions: "M3 3h4v4H3zM9 9h4v4H9zM7 5h4v4M5 7v4h4",
  groups:
    "M5.5 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM2 13c0-2.5 1.5-4 3.5-4S9 10.5 9 13M11 7.500a1.7 1.7 0 1 0 0-3.400M11 9.500c1.8 0 3 1.3 3 3.5",
  alerts: "M8 2a4 4 0 0 0-4 4c0 4-1.5 5-1.5 5h11S12 10 12 6a4 4 0 0 0-4-4zM6.8 13.500a1.3 1.3 0 0 0 2.4 0",
  dashboards: "M2.5 13.500V8M6.2 13.500V3M9.8 13.500V6M13.5 13.500V10",
  "dead-letters": "M2 4h12v8.500H2zM2 4l6 5 6-5",
  schemas: "M6 2.500C4 2.5 5 7 3 8c2 1 1 5.5 3 5.500M10 2.500c2 0 1 4.5 3 5.5-2 1-1 5.5-3 5.5",
  broker: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "M3.5 3.500l9 9M12.5 3.500l-9 9",
  check: "M3 8.5 6.5 12 13 4.5",
  warning: "M8 2.5 14.5 13.500h-13zM8 6.500v3.500M8 12h.01",
  error: "M5.5 2h5L14 5.500v5L10.5 14h-5L2 10.500v-5zM8 5v3.500M8 11h.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.500V11M8 5h.01",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M4.5 2.500v11l9-5.500z",
  stop: "M3.5 3.500h9v9h-9z",
  copy: "M5.5 5.500h8v8h-8zM3 10.500H2.500v-8h8V3",
  download: "M8 2v8.500M4.5 7.5 8 11l3.5-3.500M2.5 13.500h11",
  upload: "M8 11V2.500M4.5 6 8 2.5 11.5 6M2.5 13.500h11",
  link: "M7 9.500a2.8 2.8 0 0 0 4 0l2-2a2.8 2.8 0 0 0-4-4l-.7.700M9 6.500a2.8 2.8 0 0 0-4 0l-2 2a2.8 2.8 0 0 0 4 4l.7-.7",
  replay: "M3 8a5 5 0 1 0 1.5-3.600L3 6M3 2.500V6h3.5",
  chevron: "M6 3.5 10.5 8 6 12.5",
  plus: "M8 3v10M3 8h10",
  sun: "M8 10.800a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600zM8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.900M11.7 11.700l.9.900M12.6 3.400l-.9.900M4.3 11.700l-.9.9",
  moon: "M13.5 9.500A5.8 5.8 0 0 1 6.5 2.500a5.8 5.8 0 1 0 7 7z",
  system: "M2 3h12v8H2zM6 13.500h4M8 11v2.5",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.300A1.8 1.8 0 1 1 8 8.500v.700M8 11.300h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
