// The admin's own templates cannot carry the reader's theme on <html>; this takes it from the page's meta, before it is drawn.
document.documentElement.dataset.theme = document.querySelector("meta[name=wfm-theme]").content;
