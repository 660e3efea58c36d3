#!/bin/sh
# Makes the model from nothing: ./train.sh WORK [DEVICE [DIVISOR]] writes everything to WORK and the finished model to WORK/crayon.
# With a divisor above 1 it is a rehearsal: every stage runs with so many times fewer pictures and steps, and the model is no good.
# Stages whose result is there are skipped; the U-Net's stages resume where they stopped.
set -eu
work=$(mkdir -p "$1" && cd "$1" && pwd)
device=${2:-cpu}
divisor=${3:-1}
cd "$(dirname "$0")"
part() { echo $(($1 / divisor)); }

[ -e "$work/tokenizer/vocab.json" ] || python tokenizer.py --out "$work/tokenizer"
[ -e "$work/vae/config.json" ] || python train_vae.py --out "$work/vae" --device "$device" \
    --steps "$(part 1800)" --pictures "$(part 3000)"
encode() { # SIZE COUNT SEED SIMPLE
    [ -e "$work/latents-$1.npz" ] || python encode.py --vae "$work/vae" --out "$work/latents-$1.npz" \
        --width "$1" --height "$1" --count "$2" --seed "$3" --simple "$4" --device "$device"
}
encode 128 "$(part 16000)" 51 0.35
encode 256 "$(part 13376)" 61 0.15
workers=1
[ "$device" = cpu ] && workers=2
unet() {
    python train_unet.py --run "$work/unet" --tokenizer "$work/tokenizer" --device "$device" --workers $workers "$@"
}
# Small pictures first: a step costs a third, and words, colours and places carry over.
unet --until "$(part 1200)" --data "$work/latents-128.npz:128:1"
unet --until "$(part 3000)" --decay-from "$(part 1700)" --data "$work/latents-256.npz:64:6" "$work/latents-128.npz:128:1"
python export.py --run "$work/unet" --tokenizer "$work/tokenizer" --vae "$work/vae" --out "$work/crayon"
python preview.py --model "$work/crayon"
[ -e "$work/crayon/preview_decoder" ] || python train_preview_decoder.py --model "$work/crayon" --log "$work/loss-preview.csv" \
    --steps "$(part 5500)" --pictures "$(part 3200)"
python evaluate.py --model "$work/crayon" --out "$work/evaluation" --prompts "$(part 240)"
python plot.py "$work/unet/loss-unet.csv" "$work/losses.png"
