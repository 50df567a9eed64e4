// A photo is made smaller on the phone before it goes over a slow line. The server does the same for all others.
addEventListener("change", async ({ target }) => {
  if (target.type !== "file" || !window.createImageBitmap || !window.DataTransfer) return;
  const chosen = new DataTransfer();
  for (const file of target.files) chosen.items.add(await smaller(file).catch(() => file));
  target.files = chosen.files;
  target.dispatchEvent(new Event("input", { bubbles: true }));

  async function smaller(file) {
    if (!file.type.startsWith("image/") || file.size < 3e5) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, 1600 / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = picture.width * share;
    canvas.height = picture.height * share;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.82); });
    return made && made.size < file.size ? new File([made], file.name.replace(/\.\w+$/, ".jpg"), { type: made.type }) : file;
  }
});
