import { render } from "preact";
import { App } from "./app.tsx";
import { follow } from "./live.ts";
import { followAddress } from "./router.ts";
import { followTheme } from "./theme.ts";

followTheme();
followAddress();
follow();
const place = document.getElementById("page");
if (place) render(<App />, place);
