/** A program of its own: writes pictures in one folder, several commands one after the other, and prints their paths. */
import { PictureNames } from "../../lib/images/names/file-names.js";

const [folder = "", who = "", commands = "0", pictures = "0"] = process.argv.slice(2);

for (let command = 0; command < Number(commands); command++) {
  const names = new PictureNames(folder);
  for (let seed = 0; seed < Number(pictures); seed++) {
    console.log(await names.write(seed, Buffer.from(`${who} ${command} ${seed}`)));
  }
  await names.close();
}
