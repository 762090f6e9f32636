// Sets the colours before anything is painted: those chosen here, else those of the system.
(() => {
  const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = kept();
    const name = chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light";
    if (document.documentElement.dataset.theme === name) return;
    document.documentElement.dataset.theme = name;
    dispatchEvent(new Event("themechange"));
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => {
      const dark = document.documentElement.dataset.theme === "dark";
      button.textContent = dark ? "☀" : "☾";
      button.title = button.ariaLabel = dark ? "Light colours" : "Dark colours";
    };
    label();
    addEventListener("themechange", label);
    button.addEventListener("click", () => {
      const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", name); } catch { /* for this page only */ }
      document.documentElement.dataset.theme = name;
      dispatchEvent(new Event("themechange"));
    });
  });
})();
