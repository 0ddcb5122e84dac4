/** What a client's tunnel carries now and carried in the last minutes. */
import { rates } from "../live.ts";
import { bitRate } from "../model/words.ts";
import { Chart } from "./chart.tsx";

export function Throughput({
  client,
  height,
}: {
  readonly client: string;
  readonly height: number;
}) {
  const points = rates.value.clients[client] ?? [];
  if (points.length < 2)
    return <p class="muted chart-wait">The chart begins with the next few seconds.</p>;
  const last = points.at(-1);
  return (
    <Chart
      label={`Throughput of ${client}: receives ${bitRate(last?.received ?? 0)}, sends ${bitRate(last?.sent ?? 0)}`}
      times={points.map(({ at }) => at / 1_000)}
      series={[
        {
          label: "Received",
          values: points.map(({ received }) => received),
          color: 1,
          isFilled: true,
        },
        { label: "Sent", values: points.map(({ sent }) => sent), color: 2, isFilled: true },
      ]}
      format={bitRate}
      height={height}
      least={1_250}
    />
  );
}
