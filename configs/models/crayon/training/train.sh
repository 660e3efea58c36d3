#!/bin/sh
# Makes the model from nothing: ./train.sh WORK [DEVICE] writes everything to WORK and the finished model to WORK/crayon.
# The U-Net's stages resume where they stopped when the script is started again.
set -eu
work=$1
device=${2:-cpu}
cd "$(dirname "$0")"
mkdir -p "$work"

[ -e "$work/tokenizer/vocab.json" ] || python tokenizer.py --out "$work/tokenizer"
[ -e "$work/vae/config.json" ] || python train_vae.py --out "$work/vae" --device "$device"
encode() { # SIZE COUNT SEED SIMPLE
    [ -e "$work/latents-$1.npz" ] || python encode.py --vae "$work/vae" --out "$work/latents-$1.npz" \
        --width "$1" --height "$1" --count "$2" --seed "$3" --simple "$4" --device "$device"
}
encode 128 40000 5 0.3
encode 256 24000 6 0.1
unet() {
    python train_unet.py --run "$work/unet" --tokenizer "$work/tokenizer" --device "$device" "$@"
}
# Small pictures first: four times the steps for the same work, and words, colours and places carry over.
unet --until 3000 --data "$work/latents-128.npz:128:1"
unet --until 6000 --decay-from 4500 --data "$work/latents-256.npz:64:4" "$work/latents-128.npz:128:1"
python export.py --run "$work/unet" --tokenizer "$work/tokenizer" --vae "$work/vae" --out "$work/crayon"
python preview.py --model "$work/crayon"
python evaluate.py --model "$work/crayon" --out "$work/evaluation"
