const EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split(" ");
const CHAINS = [["EU", "EEA"], ["NO", "EEA"], ["IS", "EEA"], ["LI", "EEA"], ["GB"], ["CH"]];
const on = (value) => value === "on" || value === true;

export default (purpose, _options, { path }) => {
  const setting = purpose.setting;
  if (!/^train_ai_system(\.|$)/.test(purpose.use) || typeof setting !== "object") return;
  const rows = setting.overrides ?? [];
  const row = (place) => rows.findIndex((it) => it.regions.includes(place));
  const hits = new Set();
  for (const chain of CHAINS) {
    const at = chain.map(row).find((it) => it >= 0) ?? -1;
    if (on(at < 0 ? setting.default : rows[at].default)) hits.add(at);
  }
  for (const state of EU) if (row(state) >= 0 && on(rows[row(state)].default)) hits.add(row(state));
  return [...hits].map((at) => ({
    message: "training is on by default in Europe",
    path: [...path, "setting", ...(at < 0 ? [] : ["overrides", at]), "default"],
  }));
};
