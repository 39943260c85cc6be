// Jobs on any page: what changed is said once, nobody is asked for a page that nobody sees, and a poll that
// fails is no message.
const OF_JOBS = "#bell-jobs, .job";

function say() {
  const moving = document.querySelector(".job[data-said]");
  const said = document.getElementById("job-said");
  if (moving && said && said.textContent !== moving.dataset.said) said.textContent = moving.dataset.said;
}

const isPoll = (event) => event.target instanceof Element && event.target.matches(OF_JOBS);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isPoll(event)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("jobFinished"));
});
for (const failure of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => isPoll(event) && event.stopPropagation(), true);
}
document.addEventListener("htmx:afterSettle", say);
