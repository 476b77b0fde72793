"""VoxFormer in PyTorch, as fast as its own operators make it: the peer of `StepBenchmark`.

Written from the description of the architecture; the front end is Hugging Face's WavLM at the sizes of wavlm-base with
random weights, always in evaluation mode, as a frozen front end has to be.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import WavLMConfig, WavLMModel


def rotated(x, start=0):
    """Rotary positions on [B, H, T, D], pairs (i, i + D/2)."""
    length, width = x.shape[-2:]
    rates = 10000 ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
    angles = torch.outer(torch.arange(start, start + length, dtype=torch.float32), rates)
    angles = torch.cat([angles, angles], dim=-1)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()


class FeedForward(nn.Module):
    def __init__(self, width, inner, dropout):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.w1, self.w2 = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.w3 = nn.Linear(inner, width, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = self.norm(x)
        return self.dropout(self.w3(self.dropout(F.silu(self.w1(x)) * self.w2(x))))


class SelfAttention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.qkv_proj = nn.Linear(width, 3 * width, bias=False)
        self.out_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, causal=False):
        batch, length, width = x.shape
        packed = self.qkv_proj(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(
            rotated(packed[0]), rotated(packed[1]), packed[2], is_causal=causal,
            dropout_p=self.rate if self.training else 0.0)
        return self.out_proj(heads.transpose(1, 2).reshape(batch, length, width))


class CrossAttention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.q_proj = nn.Linear(width, width, bias=False)
        self.kv_proj = nn.Linear(width, 2 * width, bias=False)
        self.out_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, memory):
        batch, length, width = x.shape
        query = self.q_proj(x).view(batch, length, self.heads, -1).transpose(1, 2)
        key, value = self.kv_proj(memory).view(batch, memory.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(query, key, value, dropout_p=self.rate if self.training else 0.0)
        return self.out_proj(heads.transpose(1, 2).reshape(batch, length, width))


class Convolution(nn.Module):
    def __init__(self, width, kernel, dropout):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.pointwise1 = nn.Conv1d(width, 2 * width, 1, bias=False)
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width, bias=False)
        self.batch_norm = nn.BatchNorm1d(width)
        self.pointwise2 = nn.Conv1d(width, width, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = F.glu(self.pointwise1(self.norm(x).transpose(1, 2)), dim=1)
        x = self.pointwise2(F.silu(self.batch_norm(self.depthwise(x))))
        return self.dropout(x.transpose(1, 2))


class Conformer(nn.Module):
    def __init__(self, width, heads, inner, kernel, dropout):
        super().__init__()
        self.ff1, self.ff2 = FeedForward(width, inner, dropout), FeedForward(width, inner, dropout)
        self.self_attn = SelfAttention(width, heads, dropout)
        self.conv = Convolution(width, kernel, dropout)
        self.dropout = nn.Dropout(dropout)
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, x):
        x = x + 0.5 * self.ff1(x)
        x = x + self.dropout(self.self_attn(x))
        x = x + self.conv(x)
        return self.layer_norm(x + 0.5 * self.ff2(x))


class Encoder(nn.Module):
    def __init__(self, width=512, heads=8, inner=2048, kernel=31, levels=3, layers=2, dropout=0.1):
        super().__init__()
        def stack():
            return nn.Sequential(*(Conformer(width, heads, inner, kernel, dropout) for _ in range(layers)))
        self.down_stacks = nn.ModuleList(stack() for _ in range(levels))
        self.up_stacks = nn.ModuleList(stack() for _ in range(levels - 1))
        self.down = nn.ModuleList(nn.Conv1d(width, width, 3, 2, 1, bias=False) for _ in range(levels - 1))
        self.down_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(levels - 1))
        self.up = nn.ModuleList(nn.ConvTranspose1d(width, width, 3, 2, 1, 1, bias=False) for _ in range(levels - 1))
        self.up_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(levels - 1))
        self.fusions = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(levels - 1))
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        skips = []
        for index, stack in enumerate(self.down_stacks):
            x = stack(x)
            if index < len(self.down):
                skips.append(x)
                x = self.down_norms[index](self.down[index](x.transpose(1, 2)).transpose(1, 2))
        for index, stack in enumerate(self.up_stacks):
            skip = skips.pop()
            x = self.up[index](x.transpose(1, 2)).transpose(1, 2)[:, : skip.shape[1]]
            x = stack(self.fusions[index](torch.cat([self.up_norms[index](x), skip], dim=-1)))
        return self.norm(x)


class DecoderLayer(nn.Module):
    def __init__(self, width, heads, inner, dropout):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.self_attn = SelfAttention(width, heads, dropout)
        self.cross_attn = CrossAttention(width, heads, dropout)
        self.ffn = FeedForward(width, inner, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory):
        x = x + self.dropout(self.self_attn(self.norms[0](x), causal=True))
        x = x + self.dropout(self.cross_attn(self.norms[1](x), memory))
        return x + self.ffn(self.norms[2](x))


class VoxFormer(nn.Module):
    def __init__(self, vocabulary=2000, width=512, heads=8, inner=2048, dropout=0.1):
        super().__init__()
        self.wavlm = WavLMModel(WavLMConfig(layerdrop=0.0, apply_spec_augment=False))
        layers = self.wavlm.config.num_hidden_layers
        self.layer_weights = nn.Parameter(torch.zeros(layers))
        hidden = self.wavlm.config.hidden_size
        self.adapter = nn.Sequential(
            nn.LayerNorm(hidden), nn.Linear(hidden, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width))
        self.encoder = Encoder(width, heads, inner, dropout=dropout)
        self.head = nn.Linear(width, vocabulary)
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=0)
        self.layers = nn.ModuleList(DecoderLayer(width, heads, inner, dropout) for _ in range(4))
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary, bias=False)
        self.dropout = nn.Dropout(dropout)

    def train(self, mode=True):
        super().train(mode)
        self.wavlm.eval()
        return self

    def freeze(self, thawed_layers):
        self.wavlm.requires_grad_(False)
        count = len(self.wavlm.encoder.layers)
        for layer in list(self.wavlm.encoder.layers)[count - thawed_layers :]:
            layer.requires_grad_(True)

    def forward(self, waveform, tokens):
        states = torch.stack(self.wavlm(waveform, output_hidden_states=True).hidden_states[1:])
        x = torch.einsum("l,lbtc->btc", self.layer_weights.softmax(0), states)
        memory = self.encoder(self.adapter(x))
        x = self.dropout(self.embedding(tokens) * math.sqrt(self.embedding.embedding_dim))
        for layer in self.layers:
            x = layer(x, memory)
        return self.head(memory), self.output(self.norm(x))
