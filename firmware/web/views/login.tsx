import { useEffect, useRef, useState } from "preact/hooks";
import { logIn } from "../live.ts";
import { Logo } from "../parts/icons.tsx";

/** Name and password, and what to do without them. */
export function LoginView() {
  const [fault, setFault] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  document.title = "Log in · FlexSpoke";
  useEffect(() => {
    password.current?.focus();
  }, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFault(undefined);
    void logIn(String(fields.get("user")), String(fields.get("password"))).then((what) => {
      setBusy(false);
      setFault(what);
      if (what !== undefined) password.current?.select();
    });
  };
  return (
    <main class="alone" aria-labelledby="title">
      <form class="card login" onSubmit={submit}>
        <Logo />
        <h1 id="title" tabIndex={-1}>
          Log in to {location.hostname}
        </h1>
        <label>
          Name
          <input
            name="user"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            defaultValue="admin"
            required
          />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            ref={password}
            aria-describedby="login-fault"
            aria-invalid={fault !== undefined}
            required
          />
        </label>
        <p id="login-fault" class="login-fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="button button-strong" disabled={isBusy}>
          {isBusy ? "One moment…" : "Log in"}
        </button>
        <p class="hint">
          The first password was shown on the router's console when it started for the first time.{" "}
          <code>flexspoke passwd</code> there makes a new one.
        </p>
      </form>
    </main>
  );
}
