/** What the state document says of the configuration in force. */
export interface ConfigurationState {
  /** It has connected the branch, or somebody confirmed it: a later start may fall back on it. */
  readonly kept: boolean;
  /** It is undone unless what was up before comes up again, or somebody confirms it. */
  readonly trial?: {
    /** Who changed it. */
    readonly by: string;
    /** Clients that are still waited for. */
    readonly lacking: readonly string[];
    /** It was asked to be undone unless confirmed or proved. */
    readonly "needs-confirm": boolean;
    /** Absent while a link is down that worked before: that time does not count. */
    readonly "undone-at"?: string;
  };
}
