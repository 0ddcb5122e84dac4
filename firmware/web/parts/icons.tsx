/** The page's own line icons, 20 units wide; each stands beside words and says nothing by itself. */

const shapes = {
  overview: "M3 3h6v6H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 11h6v6H3z",
  connection: "M4 15a2 2 0 1 0 0-.1M16 5a2 2 0 1 0 0-.1M5.5 13.5 14.5 6.5M13 15h5",
  tracks: "M4 4h5v4H4zM11 12h5v4h-5zM6.5 8v6H11",
  probes: "M2 11h3l2.5-7 4 13 2.5-6H18",
  lines: "M3 17V9M8 17v-5M13 17V6M18 17V3",
  timeline: "M10 5v5l3 2M10 2a8 8 0 1 0 .1 0",
  diagnose: "M8.5 3a5.5 5.5 0 1 0 .1 0M13 13l4 4M6.5 8.5h4M8.5 6.5v4",
  system: "M4 4h12v8H4zM7 16h6M10 12v4",
  more: "M4 10h.1M10 10h.1M16 10h.1",
  sun: "M10 6.5a3.5 3.5 0 1 0 .1 0M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.4 4.4l1 1M14.6 14.6l1 1M15.6 4.4l-1 1M5.4 14.6l-1 1",
  moon: "M16 12.5A7 7 0 0 1 7.5 4a6.5 6.5 0 1 0 8.5 8.5z",
  leave: "M8 4H4v12h4M13 13l3-3-3-3M16 10H8",
  arrow: "M4 10h11M11 6l4 4-4 4",
  down: "M10 4v11M6 11l4 4 4-4",
  up: "M10 16V5M6 9l4-4 4 4",
  check: "M4 10.5 8.5 15 16 6",
  cross: "M5 5l10 10M15 5 5 15",
  warning: "M10 3 2 17h16zM10 8v4M10 14.5v.1",
  chevron: "M7 5l5 5-5 5",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}

/** The mark of the product: a hub with its spokes. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M8.5 23.5 16 16m0 0 7.5-7.5M16 16l7.5 7.5" />
      <circle cx="16" cy="16" r="3.9" />
      <circle cx="8.5" cy="23.5" r="2.5" />
      <circle cx="23.5" cy="8.5" r="2.5" />
      <circle class="logo-spare" cx="23.5" cy="23.5" r="2.5" />
    </svg>
  );
}
