// A box with data-ticks="name" ticks every box of its form that has this name.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("input[data-ticks]")) return;
  for (const other of box.form.querySelectorAll(`input[name="${box.dataset.ticks}"]`)) other.checked = box.checked;
});
